import type { KubeObject } from "../api/kube-object.ts";
import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import type { Inputs } from "./inputs.ts";
import { quantityOf } from "./quantity.ts";
import { redisDefaults } from "./redis-config-map.ts";

/**
 * Redis claims that are smaller than the spec wants: only their size is ours, the StatefulSet's controller made the rest. Where
 * the StorageClass cannot grow them the API server refuses, and a condition says so.
 */
export function redisVolumeClaims(cluster: RealtimeCluster, inputs: Inputs): { name: string; storage: string }[] {
  if (cluster.spec.redis.type !== "Managed") return [];
  const wanted = String(cluster.spec.redis.managed?.storage ?? redisDefaults.storage);
  return inputs.claims
    .filter((claim) => (quantityOf(claim.storage) ?? 0) < (quantityOf(wanted) ?? 0))
    .map(({ name }) => ({ name, storage: wanted }));
}

/** The patch that grows a claim. */
export function claimPatch(storage: string): Pick<KubeObject, "spec"> {
  return { spec: { resources: { requests: { storage } } } };
}
