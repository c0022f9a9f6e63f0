import { Cluster, type Redis } from "ioredis";

/** unknown: the server does not say, as a proxy or for a user without INFO. */
export type RedisRole = "primary" | "replica" | "unknown";

/** As Redis and Valkey name it, and as Dragonfly does. */
const REPLICA = /^role:(?:slave|replica)\b/m;
const PRIMARY = /^role:\w/m;

/**
 * What the connected server is now: a primary keeps its clients when it is demoted. In a Redis Cluster the role does
 * not matter, every node passes a PUBLISH on to all others. Rejects when the connection breaks.
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

/** The role in the text of INFO replication. */
export function roleIn(info: string): RedisRole {
  if (REPLICA.test(info)) return "replica";
  return PRIMARY.test(info) ? "primary" : "unknown";
}
