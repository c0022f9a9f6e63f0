import type { KubeObject } from "../../api/kube-object.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { labelsOf } from "../shared/labels.ts";
import { quantityOf } from "../shared/quantity.ts";
import type { Manifest } from "../shared/child.ts";
import type { Inputs } from "../shared/inputs.ts";
import { defaultStorage } from "./redis-config-map.ts";

/** The size that each claim of Redis should have; undefined where Redis is not ours. */
export function wantedStorage({ spec }: Pick<RealtimeCluster, "spec">): string | undefined {
  return spec.redis.type === "Managed" ? String(spec.redis.managed?.storage ?? defaultStorage) : undefined;
}

/** Whether a claim asks for less than that. Larger ones are left alone: claims cannot shrink. */
export function isSmaller(claim: KubeObject, storage: string): boolean {
  const { resources } = (claim["spec"] ?? {}) as { resources?: { requests?: { storage?: string } } };
  return (quantityOf(resources?.requests?.storage ?? "0") ?? 0) < (quantityOf(storage) ?? 0);
}

/** The patch that grows a claim: only its size is ours, the StatefulSet's controller made the rest. */
export function claimPatch(storage: string): Pick<KubeObject, "spec"> {
  return { spec: { resources: { requests: { storage } } } };
}

/**
 * Keeps Argo CD from deleting the data. With tracking by the label app.kubernetes.io/instance, an Application named
 * like the cluster owns every object with that label and no owner reference, such as a retained claim (argo-cd,
 * docs/user-guide/resource_tracking.md, sync-options.md, compare-options.md).
 */
const keptByArgo = {
  "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
  "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
} as const;

/** Labels and annotations of the claims. */
export function claimMetadata(cluster: RealtimeCluster): Required<NonNullable<Inputs["claimMetadata"]>> {
  const { labels, annotations } = cluster.spec;
  return {
    labels: { ...labels, ...labelsOf(cluster, "redis") },
    annotations: { ...annotations, ...keptByArgo },
  };
}

/** The part of a claim that the operator applies: the StatefulSet's controller makes the rest. */
export function claimManifest(cluster: RealtimeCluster, name: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: cluster.metadata.namespace, ...claimMetadata(cluster) },
  };
}
