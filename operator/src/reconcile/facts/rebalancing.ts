import type { KubeObject } from "../../api/kube-object.ts";
import type { RealtimeCluster, Status } from "../../api/realtime-cluster.ts";
import { REBALANCING } from "../../gateways/gateway-health.ts";
import type { Facts } from "./facts.ts";
import { isReachable, isReady, isTerminating, podsOf } from "./pods.ts";

/** Whether the operator evens the fleet after a scale-up, and if not, why not. */
export function rebalanceMode({ spec }: RealtimeCluster): { isOn: true } | { isOn: false; why: string } {
  const { rebalance, recovery, transports } = spec;
  if (rebalance.mode === "AfterScaleUp") return { isOn: true };
  if (rebalance.mode === "Off") return { isOn: false, why: "spec.rebalance.mode is Off" };
  if (recovery.windowSeconds === 0)
    return { isOn: false, why: "recovery is off, so every move costs messages: spec.rebalance.mode can turn it on" };
  // A pod that is not ready loses the polling clients of its load balancer all at once.
  if (transports.includes("polling"))
    return { isOn: false, why: "spec.transports has polling, whose clients would move all at once" };
  return { isOn: true };
}

export function isRebalancing(rebalance: Status["rebalance"]): boolean {
  return (rebalance?.left ?? 0) > 0;
}

/**
 * Number of gateways that serve their clients, although Kubernetes does not count them as ready: they are closed to new
 * clients for a rebalance, or have just opened again.
 */
export function closedForRebalance({ cluster, pods, answers }: Pick<Facts, "cluster" | "pods" | "answers">): number {
  if (!isRebalancing(cluster.status?.rebalance)) return 0;
  return runningGateways(pods).filter((pod) => !isReady(pod) && isClosedForRebalance(pod, answers)).length;
}

/** A gateway that has opened again counts as closed until Kubernetes knows that it is ready. */
export function isClosedForRebalance(pod: KubeObject, answers: Facts["answers"]): boolean {
  const answer = answers.get(pod.metadata.uid ?? "");
  if (answer === undefined || answer.problem !== undefined) return false;
  return answer.unready === undefined ? !isReady(pod) : answer.unready === REBALANCING;
}

export function runningGateways(pods: readonly KubeObject[]): KubeObject[] {
  return podsOf(pods, "server").filter((pod) => isReachable(pod) && !isTerminating(pod));
}
