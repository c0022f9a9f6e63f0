// Why pods do not run, as messages for the person on call. The operator writes the status whenever a message changes.
// So a message must contain nothing that changes each time the kubelet retries.
import type { KubeObject } from "../../api/kube-object.ts";
import { isTerminating } from "./pods.ts";
import { podStatusOf, type ContainerStatus } from "../../watches/trimmed-pod.ts";

/** Why a pod does not run, or why it restarts again and again. Undefined when it runs or is still starting. */
export function podFailureOf(pod: KubeObject): string | undefined {
  if (isTerminating(pod)) return undefined;
  for (const container of podStatusOf(pod).containerStatuses ?? []) {
    const failure = containerFailure(container, pod.metadata);
    if (failure !== undefined) return `pod ${pod.metadata.name}: ${failure}`;
  }
  return undefined;
}

/**
 * The scheduler's reason why it found no node for the pod. This is no failure at first, because the cluster autoscaler
 * may add a node.
 */
export function unschedulableReasonOf(pod: KubeObject): string | undefined {
  const refusal = placementRefusal(pod);
  return refusal === undefined
    ? undefined
    : `pod ${pod.metadata.name} cannot be scheduled: ${refusal.message ?? refusal.reason ?? "the scheduler gives no reason"}`;
}

/**
 * The operator reports an unschedulable pod only after this time. A node or a volume may be created for the pod in the
 * meantime.
 */
const GRACE_MS = 60_000;

/**
 * Milliseconds until an unschedulable pod counts as a failure; 0 when it already does. Undefined when the pod is not
 * unschedulable.
 */
export function graceLeftMs(pod: KubeObject, nowMs: number): number | undefined {
  const refusal = placementRefusal(pod);
  if (refusal === undefined) return undefined;
  const sinceMs = Date.parse(refusal.lastTransitionTime ?? "");
  // The scheduler's clock wrote this time. If that clock is ahead of ours, the pod must still not wait longer than
  // GRACE_MS.
  return Number.isNaN(sinceMs) ? 0 : Math.min(GRACE_MS, Math.max(0, sinceMs + GRACE_MS - nowMs));
}

function placementRefusal(
  pod: KubeObject,
): { reason?: string; message?: string; lastTransitionTime?: string } | undefined {
  const placed = podStatusOf(pod).conditions?.find(({ type }) => type === "PodScheduled");
  return placed?.status !== "False" || isTerminating(pod) ? undefined : placed;
}

const onItsWay = ["ContainerCreating", "PodInitializing"];
const imageReasons = [
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "InvalidImageName",
  "ImageInspectError",
  "RegistryUnavailable",
];

function containerFailure(
  { name, image = "?", restartCount, started, state = {}, lastState }: ContainerStatus,
  { namespace, name: podName }: KubeObject["metadata"],
): string | undefined {
  const kubectl = `kubectl -n ${namespace}`;
  const waiting = state.waiting?.reason;
  const isCrashing = waiting === "CrashLoopBackOff" || isBetweenCrashes(started, restartCount);
  if (isCrashing) {
    const logs = `${kubectl} logs ${podName} --previous shows why`;
    return crash(name, restartCount, state.terminated ?? lastState?.terminated, logs);
  }
  if (waiting === undefined || onItsWay.includes(waiting)) return undefined;
  if (imageReasons.includes(waiting))
    return `image ${image} of container ${name} cannot be pulled: to see the registry's answer, run: ${kubectl} describe pod ${podName}`;
  return `container ${name} is waiting: ${waiting}${detailsOf(state.waiting)}, ${restartsText(restartCount)}`;
}

/**
 * Whether the container is running only until its next crash. A container that has restarted at least twice counts as
 * crashing until its startup probe passes.
 */
function isBetweenCrashes(started: boolean | undefined, restartCount: number): boolean {
  return started === false && restartCount >= 2;
}

function detailsOf(waiting: { reason?: string; message?: string } | undefined): string {
  return waiting?.reason === "CreateContainerConfigError" && waiting.message !== undefined
    ? ` (${waiting.message})`
    : "";
}

const memoryFields: Readonly<Record<string, string>> = {
  gateway: "spec.resources.limits.memory",
  redis: "spec.redis.managed.resources.limits.memory",
};

function crash(
  name: string,
  restartCount: number,
  end: { reason?: string; exitCode?: number } | undefined,
  logs: string,
): string {
  const last = end === undefined ? "" : `, last with exit code ${end.exitCode ?? 0} (${end.reason ?? "no reason"})`;
  const memory = end?.reason === "OOMKilled" ? memoryFields[name] : undefined;
  return `container ${name} keeps exiting${last}, ${restartsText(restartCount)}: ${memory === undefined ? logs : `raise ${memory}`}`;
}

function restartsText(count: number): string {
  return count === 1 ? "1 restart" : `${count} restarts`;
}
