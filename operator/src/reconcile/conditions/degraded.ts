import { problemKind } from "../problems.ts";
import { unschedulableReasonOf, graceLeftMs, podFailureOf } from "../facts/pod-failure.ts";
import { isTerminating, podsOf } from "../facts/pods.ts";
import { isOurs, keeperOf } from "../facts/ownership.ts";
import { rolloutOf } from "../facts/rollout.ts";
import { textOf, type KubeObject } from "../../api/kube-object.ts";
import type { Facts } from "../facts/facts.ts";
import { no, yes, type ConditionFunction } from "../findings.ts";

/** The program of a finalizer has this long to remove it. For example, a load balancer's controller needs some time. */
const FINALIZER_GRACE_MS = 60_000;

/** A child that was deleted and cannot disappear, because another program has a finalizer on it. */
function keptChildOf({ children, cluster, nowMs }: Pick<Facts, "children" | "cluster" | "nowMs">): string | undefined {
  const isLate = ({ metadata: { deletionTimestamp = "" } }: KubeObject) =>
    nowMs - Date.parse(deletionTimestamp) > FINALIZER_GRACE_MS;
  const kept = children.find((child) => isOurs(child, cluster) && keeperOf(child) !== undefined && isLate(child));
  return kept === undefined
    ? undefined
    : `${textOf(kept)} was deleted, but its ${keeperOf(kept)} keeps it, and the operator cannot change it: if the program of this finalizer no longer runs, remove the finalizer (kubectl edit), and the operator creates the object again if the spec wants it`;
}

/** Whether there is a fault that lasts until somebody acts. */
export const degraded: ConditionFunction = ({ facts, problem, error, overwritten = [] }) => {
  if (problem !== undefined && problemKind(problem).condition === "Degraded")
    return yes(problem.reason, problem.message);
  if (error !== undefined) return yes("ApplyFailed", `${error.message}; the operator retries`);
  if (overwritten.length > 0)
    return yes(
      "OverwrittenByOthers",
      `${overwritten.join(", ")}: another program keeps changing these fields of the operator, so the operator restores them only every few minutes; kubectl get --show-managed-fields shows which program`,
    );
  const kept = keptChildOf(facts);
  if (kept !== undefined) return yes("DeletionBlocked", kept);
  const troubles = facts.pods.filter((pod) => !isTerminating(pod)).flatMap((pod) => podFailureOf(pod) ?? []);
  const [first] = troubles;
  if (first !== undefined)
    return yes("PodsFailing", troubles.length === 1 ? first : `${first}, and ${troubles.length - 1} more`);
  const trouble = rolloutOf(facts)?.trouble;
  const homelessGateway = podsOf(facts.pods, "server").flatMap((pod) => unschedulableReasonOf(pod) ?? [])[0];
  if (trouble !== undefined) return yes("RolloutStalled", [trouble, homelessGateway].filter(Boolean).join("; "));
  // Report an unschedulable pod only for Redis. For a gateway, the Deployment reports that its progress deadline is
  // over. A StatefulSet has no such deadline.
  const unschedulable = podsOf(facts.pods, "redis").flatMap((pod) =>
    graceLeftMs(pod, facts.nowMs) === 0 ? (unschedulableReasonOf(pod) ?? []) : [],
  )[0];
  return unschedulable === undefined ? no("AsExpected", "no problem is known") : yes("PodsFailing", unschedulable);
};
