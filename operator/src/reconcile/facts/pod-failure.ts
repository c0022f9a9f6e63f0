// Why pods do not run, as a message for the person on call. The message must be the same for each retry of the kubelet,
// because every difference would write the status.
import type { KubeObject } from "../../api/kube-object.ts";
import { isTerminating } from "./pods.ts";
import { podStatusOf, type ContainerStatus } from "../../watches/trimmed-pod.ts";

/** Why a pod does not run, or why it restarts again and again. Undefined when it runs or is starting. */
export function podFailureOf(pod: KubeObject): string | undefined {
  if (isTerminating(pod)) return undefined;
  for (const container of podStatusOf(pod).containerStatuses ?? []) {
    const failure = containerFailure(container, pod.metadata.name);
    if (failure !== undefined) return `pod ${pod.metadata.name}: ${failure}`;
  }
  return undefined;
}

/** The scheduler's reason why a pod has no node. At first this is no failure, because an autoscaler may add a node. */
export function unschedulableReasonOf(pod: KubeObject): string | undefined {
  const refusal = placementRefusal(pod);
  return refusal === undefined
    ? undefined
    : `pod ${pod.metadata.name} cannot be scheduled: ${refusal.message ?? refusal.reason ?? "the scheduler gives no reason"}`;
}

/** Refusals of the scheduler are reported only after this time, because volumes and nodes may be added on demand. */
const GRACE_MS = 60_000;

/**
 * Milliseconds until a missing node counts as a failure, 0 when it counts already. Undefined when the pod has a node.
 */
export function graceLeftMs(pod: KubeObject, nowMs: number): number | undefined {
  const refusal = placementRefusal(pod);
  if (refusal === undefined) return undefined;
  const sinceMs = Date.parse(refusal.lastTransitionTime ?? "");
  // The time comes from another clock. If that clock is ahead of ours, it must not lengthen the grace.
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
  podName: string,
): string | undefined {
  const waiting = state.waiting?.reason;
  const isCrashing = waiting === "CrashLoopBackOff" || isBetweenCrashes(started, restartCount);
  if (isCrashing) return crash(name, restartCount, state.terminated ?? lastState?.terminated, podName);
  if (waiting === undefined || onItsWay.includes(waiting)) return undefined;
  if (imageReasons.includes(waiting))
    return `image ${image} of container ${name} cannot be pulled: kubectl describe pod ${podName} has the registry's answer`;
  return `container ${name} is waiting: ${waiting}${detailsOf(state.waiting)}, ${restartCount} restarts`;
}

/**
 * Whether the container runs only for a moment between two crashes. It counts as crashing until its startup probe has
 * passed.
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
  podName: string,
): string {
  const last = end === undefined ? "" : `, last with exit code ${end.exitCode ?? 0} (${end.reason ?? "no reason"})`;
  const memory = end?.reason === "OOMKilled" ? memoryFields[name] : undefined;
  return `container ${name} keeps exiting${last}, ${restartCount} restarts: ${memory === undefined ? `kubectl logs ${podName} --previous shows why` : `raise ${memory}`}`;
}
