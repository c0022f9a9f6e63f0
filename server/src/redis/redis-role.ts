import { Cluster, type Redis } from "ioredis";

/** unknown: the server does not report its role, for example a proxy, or the user may not run INFO. */
export type RedisRole = "primary" | "replica" | "unknown";

/** The role line of Redis and Valkey ("slave") and of Dragonfly ("replica"). */
const REPLICA = /^role:(?:slave|replica)\b/m;
const PRIMARY = /^role:\w/m;

/**
 * Asks the connected server for its role, because a primary keeps its clients when it becomes a replica. Rejects when
 * the connection breaks.
 * A Redis Cluster counts as primary: every node passes a PUBLISH on to all others.
 */
export async function roleOf(client: Redis | Cluster): Promise<RedisRole> {
  if (client instanceof Cluster) return "primary";
  try {
    return roleIn(await client.info("replication"));
  } catch (error) {
    if (error instanceof Error && error.name === "ReplyError") return "unknown";
    throw error;
  }
}

/** Finds the role in the text of INFO replication. */
export function roleIn(info: string): RedisRole {
  if (REPLICA.test(info)) return "replica";
  return PRIMARY.test(info) ? "primary" : "unknown";
}
