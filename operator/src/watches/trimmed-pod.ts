import type { KubeObject } from "../api/kube-object.ts";

export interface PodStatus {
  phase?: string;
  podIP?: string;
  conditions?: { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[];
  containerStatuses?: ContainerStatus[];
  initContainerStatuses?: ContainerStatus[];
}

export interface ContainerStatus {
  name: string;
  image?: string;
  restartCount: number;
  /** True after the container's startup probe has passed. */
  started?: boolean;
  state?: { waiting?: { reason?: string; message?: string }; terminated?: { reason?: string; exitCode?: number } };
  lastState?: { terminated?: { reason?: string; exitCode?: number } };
}

/** The parts of a pod that are kept in memory. Only facts/, deletion-costs.ts and the calls to gateways read them. */
export function trimmedPod(pod: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, labels, deletionTimestamp, annotations } = pod.metadata;
  const { phase, podIP, conditions, containerStatuses, initContainerStatuses } = podStatusOf(pod);
  // Include init containers that are waiting. They come from a service mesh or from spec.podPatch. While one of them
  // cannot run, the status of the other containers does not show the cause.
  const stuck = (initContainerStatuses ?? []).filter(({ state }) => state?.waiting !== undefined);
  const cost = annotations?.[deletionCostAnnotation];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: defined({
      name,
      namespace,
      uid,
      resourceVersion,
      labels,
      deletionTimestamp,
      annotations: cost === undefined ? undefined : { [deletionCostAnnotation]: cost },
    }) as unknown as KubeObject["metadata"],
    status: defined({
      phase,
      podIP,
      conditions: conditions?.flatMap(({ type, status, message, lastTransitionTime }) => {
        if (type === "Ready") return [{ type, status, lastTransitionTime }];
        return type === "PodScheduled" && status === "False" ? [{ type, status, message, lastTransitionTime }] : [];
      }),
      containerStatuses:
        containerStatuses &&
        [...stuck, ...containerStatuses].map(({ name: container, image, restartCount, started, state, lastState }) =>
          started === true
            ? { name: container, restartCount, state, lastState }
            : { name: container, image, restartCount, started, state, lastState },
        ),
    }),
  };
}

/**
 * When a ReplicaSet is scaled down, it reads this annotation of its pods. It deletes the pods with the lowest cost
 * first.
 */
export const deletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

export function podStatusOf(pod: KubeObject): PodStatus {
  return pod["status"] ?? {};
}

function defined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}
