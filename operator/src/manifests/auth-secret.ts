import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, recordOf, type Manifest } from "./shared/child.ts";
import type { Inputs } from "./shared/inputs.ts";
import { namesOf } from "./shared/names.ts";

/** The keys under which the auth Secret stores its values. */
export const authKeys = {
  redisPassword: "redis-password",
  redisConfig: "redis-auth.conf",
  adminToken: "admin-token",
  publishToken: "publish-token",
  handlerSecret: "handler-secret",
} as const;

/**
 * A Secret with four values: the token of the private API, the token that may only publish, the key that signs requests
 * to handlers, and the Redis password. It has the password twice: for clients, and as a line of redis.conf, because the
 * Redis image has no shell that could write this line.
 * The operator never changes existing values. To change one, edit the Secret and restart both workloads.
 */
export function authSecret(cluster: RealtimeCluster, inputs: Inputs): Manifest {
  const { redisPassword, adminToken, publishToken, handlerSecret } = inputs.secrets;
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
        [authKeys.publishToken]: base64(publishToken),
        [authKeys.handlerSecret]: base64(handlerSecret),
      },
    },
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
