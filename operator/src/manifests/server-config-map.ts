import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import type { Inputs } from "./shared/inputs.ts";
import { liveConfig } from "./shared/live-config.ts";
import { namesOf } from "./shared/names.ts";

/**
 * The live configuration for pods that start later. Running pods get it from the operator. No pod template may depend
 * on this ConfigMap, because an edit of a live field must not restart pods.
 */
export function serverConfigMap(cluster: RealtimeCluster, inputs: Inputs): Manifest {
  const config = liveConfig(cluster, inputs.liveGeneration, inputs.releases.gateway.template);
  return child(
    cluster,
    resources.configMaps,
    { name: namesOf(cluster).server, component: "server" },
    {
      data: { "config.json": `${JSON.stringify(config, undefined, 2)}\n` },
    },
  );
}
