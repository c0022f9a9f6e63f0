import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { haveOneController } from "../../reconcile/conditions/warnings/shared-host.ts";
import { hostOf, keyOf } from "../../watches/known-clusters.ts";

/** A cluster of a file, and where it is written. */
export interface PlacedCluster {
  where: string;
  cluster: RealtimeCluster;
}

/**
 * Compares the clusters of all files, and returns a warning for each one that would take the name or the clients of an
 * earlier one. The operator finds a shared host only after both clusters were applied.
 */
export function sharedBetweenFiles(placed: readonly PlacedCluster[]): { where: string; warning: string }[] {
  return placed.flatMap((one, index) =>
    placed.slice(0, index).flatMap((earlier) => {
      const warning = warningOf(one.cluster, earlier);
      return warning === undefined ? [] : [{ where: one.where, warning }];
    }),
  );
}

function warningOf(one: RealtimeCluster, { where, cluster }: PlacedCluster): string | undefined {
  if (keyOf(one) === keyOf(cluster))
    return `metadata.name ${one.metadata.name} is also the name of the cluster in ${where}: whichever file you apply last replaces the other; give each cluster its own name or namespace`;
  const host = hostOf(one);
  if (host === undefined || host !== hostOf(cluster) || !haveOneController(one, cluster)) return undefined;
  return `spec.exposure.host ${host} is also the host of ${cluster.metadata.name} in ${where}: clients of one reach the gateways of the other and are refused; give each cluster its own host`;
}
