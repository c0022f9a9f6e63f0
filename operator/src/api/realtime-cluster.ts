import type { KubeObject, ObjectMeta } from "./kube-object.ts";
import type { RealtimeClusterSpec, RealtimeClusterStatus } from "./generated/realtime-cluster.ts";

/** The custom resource as the API server returns it, with all defaults. */
export interface RealtimeCluster extends KubeObject {
  apiVersion: typeof apiVersion;
  kind: typeof kind;
  metadata: ObjectMeta & { namespace: string; uid: string };
  spec: RealtimeClusterSpec;
  status?: RealtimeClusterStatus;
}

export type Condition = NonNullable<RealtimeClusterStatus["conditions"]>[number];
export type Spec = RealtimeClusterSpec;
export type Status = RealtimeClusterStatus;

export const group = "realtime.dev";
export const version = "v1beta1";
export const apiVersion = "realtime.dev/v1beta1";
export const kind = "RealtimeCluster";
export const plural = "realtimeclusters";

/** Has the same shape as `Resource` in kube/resource.ts. This folder must not import that file. */
export const realtimeClusters = { group, version, plural, kind, namespaced: true } as const;

/** The name under which the operator owns fields of the objects that it applies (managedFields). */
export const fieldManager = "realtime-operator";
