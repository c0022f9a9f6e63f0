import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { ClusterProvider, Programs } from "./cluster-provider.ts";
import { output, run } from "../../testkit/run.ts";

const NAME = "realtime-operator";
const gatewayValues = [
  "providers.kubernetesGateway.enabled=true",
  "gateway.name=lab",
  "gateway.listeners.web.namespacePolicy.from=All",
];

/**
 * Uses a cluster made by kind. As in the lab, Traefik listens on port 80 of the node and serves the Gateway
 * traefik/lab.
 */
export function kindCluster(kubeconfig: string): ClusterProvider {
  const programs: Programs = { kubeconfig, kubectl: "kubectl", helm: "helm" };
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  return {
    kind: "kind",
    redisImage: "docker.io/library/redis:7.4-alpine",
    async start(progress) {
      mkdirSync(dirname(kubeconfig), { recursive: true });
      const clusters = (await output("kind", ["get", "clusters"])) ?? "";
      if (!clusters.split("\n").includes(NAME)) {
        await progress.step("starting a kind cluster", "1 to 2 min", () =>
          run("kind", ["create", "cluster", "--name", NAME, "--kubeconfig", kubeconfig, "--wait", "120s"], {
            show: "output",
          }),
        );
      }
      await progress.step("Traefik on the node's port 80", "30 s", () =>
        run(
          "helm",
          [
            "upgrade",
            "--install",
            "traefik",
            "traefik",
            "--repo",
            "https://traefik.github.io/charts",
            "--namespace",
            "traefik",
            "--create-namespace",
          ].concat(
            [
              "ports.web.hostPort=80",
              "service.type=ClusterIP",
              "updateStrategy.type=Recreate",
              ...gatewayValues,
            ].flatMap((value) => ["--set", value]),
            "--wait",
          ),
          { env },
        ),
      );
      return programs;
    },
    async load(image, workspace) {
      await run("docker", ["build", "--quiet", "--tag", image.reference, "--file", `${workspace}/Dockerfile`, "."], {
        show: "output",
      });
      await run("kind", ["load", "docker-image", image.reference, "--name", NAME]);
    },
    async stop() {
      await run("kind", ["delete", "cluster", "--name", NAME, "--kubeconfig", kubeconfig], { show: "output" });
      return "deleted the kind cluster";
    },
  };
}
