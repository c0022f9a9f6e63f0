import type { KubeObject } from "../../api/kube-object.ts";
import { apiVersion, kind, type RealtimeCluster } from "../../api/realtime-cluster.ts";
import { apiVersionOf, type ChildResource } from "../../api/resources.ts";
import { labelsOf, type Component } from "./labels.ts";

/** The wanted state of one object: only the fields we own. */
export type Manifest = KubeObject & { metadata: { namespace: string; labels: Record<string, string> } };

/**
 * Holds the keys that an object has from spec.labels and spec.annotations. Server-side apply does not remove them from
 * Secrets and volume claims, where the create owns them: plan.ts removes what is recorded and no longer wanted.
 */
export const recordAnnotation = "realtime.dev/from-spec";

/** Absent when the spec adds nothing. */
export function recordOf({ spec: { labels = {}, annotations = {} } }: RealtimeCluster): Record<string, string> {
  const keys = { labels: Object.keys(labels).sort(), annotations: Object.keys(annotations).sort() };
  return keys.labels.length + keys.annotations.length === 0 ? {} : { [recordAnnotation]: JSON.stringify(keys) };
}

/**
 * A manifest with the metadata that all objects of a cluster share. The owner reference does not block deletion:
 * garbage collection must not decide in which order gateways end.
 */
export function child(
  cluster: RealtimeCluster,
  resource: ChildResource,
  about: {
    name: string;
    component: Component;
    annotations?: Record<string, string> | undefined;
    labels?: Record<string, string> | undefined;
  },
  body: Record<string, unknown>,
): Manifest {
  const { name, component, labels } = about;
  const annotations = { ...cluster.spec.annotations, ...about.annotations };
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      name,
      namespace: cluster.metadata.namespace,
      labels: { ...cluster.spec.labels, ...labels, ...labelsOf(cluster, component) },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [
        {
          apiVersion,
          kind,
          name: cluster.metadata.name,
          uid: cluster.metadata.uid,
          controller: true,
          blockOwnerDeletion: false,
        },
      ],
    },
    ...body,
  };
}
