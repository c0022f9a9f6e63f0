import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, recordOf, type Manifest } from "./shared/child.ts";
import type { Inputs } from "./shared/inputs.ts";
import { namesOf } from "./shared/names.ts";

/** The auth Secret's key of each value. */
export const authKeys = {
  redisPassword: "redis-password",
  redisConfig: "redis-auth.conf",
  adminToken: "admin-token",
} as const;

/**
 * The Redis password, once for clients and once as a line of redis.conf (the image has no shell to build one), and the
 * private API's token. Create-only: to rotate, change it by hand and restart both.
 */
export function authSecret(cluster: RealtimeCluster, inputs: Inputs): Manifest {
  const { redisPassword, adminToken } = inputs.secrets;
  return child(
    cluster,
    resources.secrets,
    { name: namesOf(cluster).auth, component: "server", annotations: recordOf(cluster) },
    {
      type: "Opaque",
      data: {
        [authKeys.redisPassword]: base64(redisPassword),
        [authKeys.redisConfig]: base64(`requirepass ${redisPassword}\n`),
        [authKeys.adminToken]: base64(adminToken),
      },
    },
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
