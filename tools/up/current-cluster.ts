import type { ClusterProvider } from "./cluster-provider.ts";

/**
 * Uses the cluster of the current context in the user's kubeconfig. Creates and removes only the operator's Helm
 * release and the example.
 */
export function currentCluster(env: NodeJS.ProcessEnv): ClusterProvider {
  return {
    kind: "current",
    redisImage: env["REDIS_IMAGE"] ?? "docker.io/library/redis:7.4-alpine",
    async start() {
      return { kubeconfig: env["KUBECONFIG"] ?? `${env["HOME"] ?? ""}/.kube/config`, kubectl: "kubectl", helm: "helm" };
    },
    async load(image) {
      throw new Error(
        `CLUSTER=current cannot load images into your cluster. Push ${image.repository} to a registry that the cluster can reach, and set OPERATOR_IMAGE and GATEWAY_IMAGE.`,
      );
    },
    async stop() {
      return "make down changed nothing in your cluster. To remove the operator: helm uninstall -n realtime-system realtime-operator";
    },
  };
}
