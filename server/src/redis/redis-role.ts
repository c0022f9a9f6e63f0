import { Cluster, type Redis } from "ioredis";

/**
 * unknown: the server does not say its role, because it is a proxy for example, or because the user is not allowed to
 * run INFO.
 */
export type RedisRole = "primary" | "replica" | "unknown";

/** How a replica names its role: "slave" in Redis and Valkey, "replica" in Dragonfly. */
const REPLICA = /^role:(?:slave|replica)\b/m;
const PRIMARY = /^role:\w/m;

/**
 * Asks the server for its role. A primary that becomes a replica keeps its clients, so they must ask. Rejects if the
 * connection breaks. A Redis Cluster counts as a primary, because each of its nodes passes a PUBLISH on to all others.
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

/** Finds the role in the answer to INFO replication. */
export function roleIn(info: string): RedisRole {
  if (REPLICA.test(info)) return "replica";
  return PRIMARY.test(info) ? "primary" : "unknown";
}
