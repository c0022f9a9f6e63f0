import { namesOf } from "../../manifests/shared/names.ts";
import type { Facts } from "./facts.ts";
import { closedForRebalance } from "./rebalancing.ts";
import { childNamed } from "./ownership.ts";
import { unschedulableReasonOf, podFailureOf } from "./pod-failure.ts";
import { isReady, isTerminating, podsOf } from "./pods.ts";

/** The gateways' Deployment, as its controller reports it. */
export interface Rollout {
  wanted: number;
  /** Number of pods that have the newest template. */
  updated: number;
  /**
   * Number of pods that serve clients. Some of them may be closed to new clients for a rebalance, so their pods are not
   * ready.
   */
  ready: number;
  total: number;
  /** True when the Deployment's controller has processed the newest spec. */
  isObserved: boolean;
  /**
   * The text of the Deployment's condition, when it says that the rollout makes no progress or that pods cannot be
   * created.
   */
  trouble?: string;
}

export function rolloutOf(facts: Pick<Facts, "children" | "cluster" | "pods" | "answers">): Rollout | undefined {
  const deployment = childNamed(facts, "Deployment", namesOf(facts.cluster).server);
  if (deployment === undefined) return undefined;
  const { replicas: wanted = 0 } = (deployment["spec"] ?? {}) as { replicas?: number };
  const status = (deployment["status"] ?? {}) as WorkloadStatus;
  const { replicas: total = 0, readyReplicas = 0, updatedReplicas: updated = 0 } = status;
  const trouble = status.conditions?.find(
    ({ type, status: value }) =>
      (type === "ReplicaFailure" && value === "True") || (type === "Progressing" && value === "False"),
  );
  return {
    wanted,
    updated,
    ready: Math.min(total, readyReplicas + closedForRebalance(facts)),
    total,
    isObserved: status.observedGeneration === deployment.metadata.generation,
    ...(trouble === undefined
      ? {}
      : { trouble: `${trouble.reason ?? trouble.type}: ${withoutPodName(trouble.message ?? "")}` }),
  };
}

/** Whether all wanted pods have the newest template and are ready, and no pod with an older template exists. */
export function isComplete({ wanted, updated, ready, total, isObserved }: Rollout): boolean {
  return isObserved && updated >= wanted && ready >= wanted && total === wanted;
}

/**
 * What the rollout of Redis still has to do, as the StatefulSet's controller reports it. Undefined when the rollout is
 * complete, or when Redis is not managed.
 */
export function redisRolloutLagOf(facts: Pick<Facts, "children" | "cluster">): string | undefined {
  const { type, managed } = facts.cluster.spec.redis;
  const statefulSet = type === "Managed" ? childNamed(facts, "StatefulSet", namesOf(facts.cluster).redis) : undefined;
  if (statefulSet === undefined) return undefined;
  const { observedGeneration, updatedReplicas = 0 } = (statefulSet["status"] ?? {}) as WorkloadStatus;
  if (observedGeneration !== statefulSet.metadata.generation)
    return "the StatefulSet's controller has not seen its newest spec yet";
  const wanted = managed?.replicas ?? 1;
  return updatedReplicas < wanted
    ? `${updatedReplicas} of ${wanted} Redis pods have the newest pod template`
    : undefined;
}

/** Why gateways are not ready, as the end of a message: it begins with a colon. Empty when no reason is known. */
export function blockingReasonOf(facts: Pick<Facts, "answers" | "children" | "cluster" | "pods">): string {
  const pods = podsOf(facts.pods, "server");
  const blockingReason =
    pods.map(podFailureOf).find(Boolean) ??
    pods.map(unschedulableReasonOf).find(Boolean) ??
    reportedUnreadinessOf(facts) ??
    rolloutOf(facts)?.trouble;
  return blockingReason === undefined ? "" : `: ${blockingReason}`;
}

/**
 * The reason that a gateway itself reports for not being ready. If several gateways are not ready, it is that of the
 * first one.
 */
export function reportedUnreadinessOf({ answers, pods }: Pick<Facts, "answers" | "pods">): string | undefined {
  const reported = podsOf(pods, "server").flatMap((pod) => {
    const unready = isReady(pod) || isTerminating(pod) ? undefined : answers.get(pod.metadata.uid ?? "")?.unready;
    return unready === undefined ? [] : [`pod ${pod.metadata.name}: ${unready}`];
  });
  return reported[0];
}

/**
 * Removes the pod's name from a ReplicaSet's message. The ReplicaSet uses a new name for each attempt to create a pod.
 * With the name, the message would change with each attempt, and the operator would write the status each time.
 */
function withoutPodName(message: string): string {
  return message.replace(/^pods "[^"]*" is /, "pods are ");
}

interface WorkloadStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  conditions?: { type: string; status: string; reason?: string; message?: string }[];
}
