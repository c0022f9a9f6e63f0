import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import { namesOf } from "./shared/names.ts";

/** A ServiceAccount without permissions, because gateways never call the API server. */
export function serverServiceAccount(cluster: RealtimeCluster): Manifest {
  return child(
    cluster,
    resources.serviceAccounts,
    { name: namesOf(cluster).server, component: "server" },
    { automountServiceAccountToken: false },
  );
}
