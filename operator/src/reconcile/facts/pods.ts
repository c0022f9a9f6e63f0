import type { KubeObject } from "../../api/kube-object.ts";
import type { Component } from "../../manifests/shared/labels.ts";
import { podStatusOf } from "../../watches/trimmed-pod.ts";

export function podsOf(pods: readonly KubeObject[], component: Component): KubeObject[] {
  return pods.filter((pod) => pod.metadata.labels?.["app.kubernetes.io/component"] === component);
}

export function isTerminating({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function isReady(pod: KubeObject): boolean {
  return podStatusOf(pod).conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}

/** Whether the gateway in this pod can be asked: the pod is running and has an IP address. */
export function isReachable(pod: KubeObject): boolean {
  const { phase, podIP } = podStatusOf(pod);
  return phase === "Running" && podIP !== undefined && podIP !== "";
}
