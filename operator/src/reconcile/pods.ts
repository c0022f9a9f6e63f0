import type { KubeObject } from "../api/kube-object.ts";
import type { Component } from "../manifests/labels.ts";

interface PodStatus {
  phase?: string;
  podIP?: string;
  conditions?: { type: string; status: string }[];
  containerStatuses?: ContainerStatus[];
}

interface ContainerStatus {
  name: string;
  restartCount: number;
  state?: { waiting?: { reason?: string; message?: string } };
  lastState?: { terminated?: { reason?: string; exitCode?: number } };
}

export function podsOf(pods: readonly KubeObject[], component: Component): KubeObject[] {
  return pods.filter((pod) => pod.metadata.labels?.["app.kubernetes.io/component"] === component);
}

export function isTerminating({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function isReady(pod: KubeObject): boolean {
  return statusOf(pod).conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}

/** Whether its gateway may answer: it runs and has an address. */
export function isReachable(pod: KubeObject): boolean {
  const { phase, podIP } = statusOf(pod);
  return phase === "Running" && podIP !== undefined && podIP !== "";
}

/** Why a pod does not run, or keeps being restarted, in words for a condition; undefined where it runs. */
export function troubleOf(pod: KubeObject): string | undefined {
  if (isTerminating(pod)) return undefined;
  for (const { name, restartCount, state, lastState } of statusOf(pod).containerStatuses ?? []) {
    const waiting = state?.waiting?.reason;
    if (waiting !== undefined && waiting !== "ContainerCreating" && waiting !== "PodInitializing") {
      const last = lastState?.terminated;
      const before = last === undefined ? "" : ` after ${last.reason ?? "its end"} with exit code ${last.exitCode ?? 0}`;
      return `pod ${pod.metadata.name}: container ${name} is in ${waiting}${before}, ${restartCount} restarts`;
    }
  }
  return undefined;
}

/** What of a pod is kept in memory: this file and the gateway calls read nothing else. */
export function trimmedPod(pod: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, labels, deletionTimestamp, annotations } = pod.metadata;
  const { phase, podIP, conditions, containerStatuses } = statusOf(pod);
  const cost = annotations?.[deletionCostAnnotation];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: defined({ name, namespace, uid, resourceVersion, labels, deletionTimestamp, annotations: cost === undefined ? undefined : { [deletionCostAnnotation]: cost } }) as unknown as KubeObject["metadata"],
    status: defined({
      phase,
      podIP,
      conditions: conditions?.filter(({ type }) => type === "Ready").map(({ type, status }) => ({ type, status })),
      containerStatuses: containerStatuses?.map(({ name: container, restartCount, state, lastState }) => ({ name: container, restartCount, state, lastState })),
    }),
  };
}

/** Steers which pods a ReplicaSet takes first when it shrinks: the cheapest. */
export const deletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

function defined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}

function statusOf(pod: KubeObject): PodStatus {
  return (pod["status"] ?? {});
}
