import type { Status } from "../../api/realtime-cluster.ts";
import type { KubeObject } from "../../api/kube-object.ts";
import { GRACE_MARGIN_SECONDS } from "../../manifests/server-pod-template.ts";
import { DRAIN_DELAY_SECONDS } from "../../manifests/shared/env.ts";
import type { Facts } from "./facts.ts";
import { isTerminating, podsOf } from "./pods.ts";
import { twoDigits } from "./two-digits.ts";

/** What all draining gateways, terminating or not, still have to move. Undefined when no gateway drains. */
export function drainOf({ pods, answers, cluster, nowMs }: Facts): Status["drain"] | undefined {
  const draining = podsOf(pods, "server").filter(
    (pod) => isTerminating(pod) || answers.get(pod.metadata.uid ?? "")?.isDraining === true,
  );
  if (draining.length === 0) return undefined;
  const left = draining.reduce((sum, pod) => sum + (answers.get(pod.metadata.uid ?? "")?.connections ?? 0), 0);
  const { drain, rollout } = cluster.spec;
  const starts = draining.map((pod) => secondsToDeadline(pod, nowMs, drain.timeoutSeconds));
  const untilDeadline = Math.max(...starts);
  // With AllAtOnce no gateway moves a client in its first seconds.
  const isDelayed = rollout.strategy === "AllAtOnce" && draining.every(isTerminating);
  const elapsed = drain.timeoutSeconds - Math.min(...starts);
  const delay = isDelayed ? Math.max(0, DRAIN_DELAY_SECONDS - elapsed) : 0;
  const needed = left === 0 ? 0 : delay + left / drain.connectionsPerSecond;
  return {
    pods: draining.length,
    connectionsLeft: twoDigits(left),
    secondsLeft: twoDigits(Math.ceil(Math.min(needed, untilDeadline))),
  };
}

/**
 * The number of gateways that Kubernetes is removing and that still have time to move their connections. The Deployment
 * does not count them. A pod whose grace period is over is on a node that does not answer.
 */
export function leavingGateways({ pods, nowMs }: Pick<Facts, "pods" | "nowMs">): number {
  const isLeaving = ({ metadata }: KubeObject) => !(Date.parse(metadata.deletionTimestamp ?? "") <= nowMs);
  return podsOf(pods, "server").filter((pod) => isTerminating(pod) && isLeaving(pod)).length;
}

/** What the leaving gateways do, as the end of a message. Empty when there is none. */
export function leavingText(facts: Pick<Facts, "pods" | "nowMs">): string {
  const leaving = leavingGateways(facts);
  if (leaving === 0) return "";
  return leaving === 1
    ? "; 1 old gateway is still moving its connections"
    : `; ${leaving} old gateways are still moving their connections`;
}

/**
 * Seconds until a gateway closes its remaining connections. The deletion timestamp is the end of the grace period. For
 * a gateway that drains without a deletion, the longest possible time.
 */
function secondsToDeadline({ metadata }: KubeObject, nowMs: number, timeoutSeconds: number): number {
  const endMs = Date.parse(metadata.deletionTimestamp ?? "");
  if (Number.isNaN(endMs)) return timeoutSeconds;
  return Math.min(timeoutSeconds, Math.max(0, (endMs - nowMs) / 1_000 - GRACE_MARGIN_SECONDS));
}
