import type { KubeObject } from "../../api/kube-object.ts";
import type { RealtimeCluster, Status } from "../../api/realtime-cluster.ts";
import { REBALANCING } from "../../gateways/gateway-health.ts";
import type { Facts } from "./facts.ts";
import { isReachable, isReady, isTerminating, podsOf } from "./pods.ts";

/** Whether the operator moves connections to new gateways after a scale-up. If not, `why` is the reason. */
export function rebalanceMode({ spec }: RealtimeCluster): { isOn: true } | { isOn: false; why: string } {
  const { rebalance, recovery, transports } = spec;
  if (rebalance.mode === "AfterScaleUp") return { isOn: true };
  if (rebalance.mode === "Off") return { isOn: false, why: "spec.rebalance.mode is Off" };
  if (recovery.windowSeconds === 0)
    return {
      isOn: false,
      why: "recovery is off, so moved clients would lose messages: to rebalance nevertheless, set spec.rebalance.mode to AfterScaleUp",
    };
  // A gateway that is closed for a rebalance is not ready. Load balancers then send all its polling clients to other
  // pods at once.
  if (transports.includes("polling"))
    return {
      isOn: false,
      why: "spec.transports has polling, and all polling clients of a gateway would move at once: to rebalance nevertheless, set spec.rebalance.mode to AfterScaleUp",
    };
  return { isOn: true };
}

export function isRebalancing(rebalance: Status["rebalance"]): boolean {
  return (rebalance?.left ?? 0) > 0;
}

/**
 * Number of gateways that serve their clients although their pods are not ready. They are closed to new clients for a
 * rebalance, or have just opened again.
 */
export function closedForRebalance({ cluster, pods, answers }: Pick<Facts, "cluster" | "pods" | "answers">): number {
  if (!isRebalancing(cluster.status?.rebalance)) return 0;
  return runningGateways(pods).filter((pod) => !isReady(pod) && isClosedForRebalance(pod, answers)).length;
}

/**
 * Whether the gateway is closed to new clients for a rebalance. If it has opened again, it still counts as closed until
 * Kubernetes sees that the pod is ready.
 */
export function isClosedForRebalance(pod: KubeObject, answers: Facts["answers"]): boolean {
  const answer = answers.get(pod.metadata.uid ?? "");
  if (answer === undefined || answer.problem !== undefined) return false;
  return answer.unready === undefined ? !isReady(pod) : answer.unready === REBALANCING;
}

export function runningGateways(pods: readonly KubeObject[]): KubeObject[] {
  return podsOf(pods, "server").filter((pod) => isReachable(pod) && !isTerminating(pod));
}
