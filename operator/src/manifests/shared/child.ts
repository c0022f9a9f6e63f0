import type { KubeObject } from "../../api/kube-object.ts";
import { apiVersion, kind, type RealtimeCluster } from "../../api/realtime-cluster.ts";
import { apiVersionOf, type ChildResource } from "../../api/resources.ts";
import { labelsOf, type Component } from "./labels.ts";

/** One object of a cluster as the operator wants it. It contains only the fields that the operator owns. */
export type Manifest = KubeObject & { metadata: { namespace: string; labels: Record<string, string> } };

/**
 * This annotation lists the labels and annotations that the spec has added to an object. It is needed for Secrets and
 * volume claims: they are created without server-side apply, so a later apply cannot remove their labels and
 * annotations. plan.ts removes those that are listed here and that the spec no longer has.
 */
export const recordAnnotation = "realtime.dev/from-spec";

/** The annotation with the current labels and annotations of the spec. Empty when the spec adds none. */
export function recordOf({ spec: { labels = {}, annotations = {} } }: RealtimeCluster): Record<string, string> {
  const keys = { labels: Object.keys(labels).sort(), annotations: Object.keys(annotations).sort() };
  return keys.labels.length + keys.annotations.length === 0 ? {} : { [recordAnnotation]: JSON.stringify(keys) };
}

/**
 * A manifest with the metadata that all objects of a cluster have. The owner reference has blockOwnerDeletion false. So
 * a foreground deletion of the cluster does not wait for its children, and does not decide in which order gateways end.
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
