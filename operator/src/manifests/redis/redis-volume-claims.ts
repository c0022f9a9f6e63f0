import type { KubeObject } from "../../api/kube-object.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { labelsOf } from "../shared/labels.ts";
import { quantityOf } from "../shared/quantity.ts";
import { recordOf, type Manifest } from "../shared/child.ts";
import type { Inputs } from "../shared/inputs.ts";
import { defaultStorage } from "./redis-config-map.ts";

/** The size that each Redis claim should have. Undefined when Redis is not managed. */
export function wantedStorage({ spec }: Pick<RealtimeCluster, "spec">): string | undefined {
  return spec.redis.type === "Managed" ? String(spec.redis.managed?.storage ?? defaultStorage) : undefined;
}

/**
 * Whether a claim requests less than this size. The operator leaves larger claims unchanged, because a claim cannot
 * shrink.
 */
export function isSmaller(claim: KubeObject, storage: string): boolean {
  const { resources } = (claim["spec"] ?? {}) as { resources?: { requests?: { storage?: string } } };
  return (quantityOf(resources?.requests?.storage ?? "0") ?? 0) < (quantityOf(storage) ?? 0);
}

/**
 * The patch that enlarges a claim. It has only the size. The other fields belong to the StatefulSet's controller, which
 * created the claim.
 */
export function claimPatch(storage: string): Pick<KubeObject, "spec"> {
  return { spec: { resources: { requests: { storage } } } };
}

/**
 * Keeps Argo CD from deleting the data. Argo CD may track objects by the label app.kubernetes.io/instance. An Argo CD
 * Application with the cluster's name then regards all objects with this label and without an owner as its own, for
 * example a claim that remained after its cluster was deleted.
 * Source: argo-cd, docs/user-guide/resource_tracking.md, sync-options.md, compare-options.md.
 */
const keptByArgo = {
  "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
  "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
} as const;

/** The labels and annotations of a new volume claim. */
export function claimMetadata(cluster: RealtimeCluster): Required<NonNullable<Inputs["claimMetadata"]>> {
  const { labels, annotations } = cluster.spec;
  return {
    labels: { ...labels, ...labelsOf(cluster, "redis") },
    annotations: { ...annotations, ...keptByArgo },
  };
}

/** The part of a claim that the operator applies. The StatefulSet's controller creates the rest. */
export function claimManifest(cluster: RealtimeCluster, name: string): Manifest {
  const { labels, annotations } = claimMetadata(cluster);
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name,
      namespace: cluster.metadata.namespace,
      labels,
      annotations: { ...annotations, ...recordOf(cluster) },
    },
  };
}
