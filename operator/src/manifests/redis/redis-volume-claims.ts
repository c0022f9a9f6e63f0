import type { KubeObject } from "../../api/kube-object.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { quantityOf } from "../shared/quantity.ts";
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
