import { resources } from "../../api/resources.ts";
import type { GatewayPods } from "../../gateways/gateway-pods.ts";
import { ApiError } from "../../kube/errors.ts";
import type { Kube } from "../../kube/kube.ts";
import { namesOf } from "../../manifests/shared/names.ts";
import type { Facts } from "../facts/facts.ts";
import { childNamed } from "../facts/ownership.ts";
import type { Plan } from "../plan.ts";
import { isReachable, isTerminating, podsOf } from "../facts/pods.ts";
import { deletionCostAnnotation } from "../../watches/trimmed-pod.ts";

export interface DeletionCostDeps {
  kube: Pick<Kube, "mergePatch">;
  gateways: Pick<GatewayPods, "readHealth">;
  signal: AbortSignal;
}

/**
 * Sets the deletion cost of each gateway pod to its number of connections, so that Kubernetes deletes the emptiest
 * pods. It does so only just before the Deployment is scaled down, because connections change all the time and each new
 * cost is a write.
 * Source: Kubernetes, "Pod deletion cost".
 */
export async function setDeletionCosts(
  plan: Plan,
  facts: Facts,
  { kube, gateways, signal }: DeletionCostDeps,
): Promise<void> {
  const { cluster, answers } = facts;
  const wanted = plan.steps.flatMap((step) =>
    step.type === "apply" && step.manifest.kind === "Deployment" ? [replicasOf(step.manifest)] : [],
  )[0];
  const existing = replicasOf(childNamed(facts, "Deployment", namesOf(cluster).server));
  if (wanted === undefined || existing === undefined || wanted === 0 || wanted >= existing) return;
  const running = podsOf(facts.pods, "server").filter((pod) => !isTerminating(pod) && isReachable(pod));
  // There are not more pods than wanted, so Kubernetes will delete none.
  if (running.length <= wanted) return;
  await Promise.all(
    running.map(async (pod) => {
      const { connections } = await gateways.readHealth(
        pod,
        answers.get(pod.metadata.uid ?? "") ?? { askedAtMs: 0 },
        signal,
      );
      const cost = String(Math.min(connections ?? 0, 2 ** 31 - 1));
      if (pod.metadata.annotations?.[deletionCostAnnotation] === cost) return;
      await kube
        .mergePatch(
          resources.pods,
          { namespace: pod.metadata.namespace, name: pod.metadata.name },
          { metadata: { annotations: { [deletionCostAnnotation]: cost } } },
          signal,
        )
        .catch((error: unknown) => {
          // A 404 means that the pod was deleted in the meantime, so no cost is needed.
          if (!(error instanceof ApiError) || error.status !== 404) throw error;
        });
    }),
  );
}

function replicasOf(deployment: unknown): number | undefined {
  return (deployment as { spec?: { replicas?: number } } | undefined)?.spec?.replicas;
}
