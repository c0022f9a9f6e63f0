import { Redis } from "ioredis";
import { freePorts } from "../../../testkit/free-ports.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { until } from "../../../testkit/until.ts";

/** A real Redis Cluster: three primaries with one replica each. */
export interface TestRedisCluster {
  /** The URL for REDIS_URL, with all nodes. */
  url: string;
  /** How many primaries it began with. Each has one replica. */
  shards: number;
  /** Kills the primary of a shard, and waits until its replica has replaced it. */
  failOver(shard: number): Promise<void>;
  stop(): Promise<void>;
}

const PRIMARIES = 3;
const SLOTS = 16_384;
/** A node counts as failed after this time without an answer. */
const NODE_TIMEOUT_MS = 1_000;
const DEADLINE_MS = 60_000;

/** Starts a Redis Cluster, and waits until every replica is in step with its primary. */
export async function startRedisCluster(): Promise<TestRedisCluster> {
  const nodes = await Promise.all(Array.from({ length: 2 * PRIMARIES }, startNode));
  const clients = nodes.map(({ port }) => new Redis(port));
  const [primaries, replicas] = [clients.slice(0, PRIMARIES), clients.slice(PRIMARIES)];
  const info = async (client: Redis) => String(await client.call("CLUSTER", "INFO"));
  for (const [index, client] of primaries.entries()) {
    const [first, next] = [index, index + 1].map((part) => Math.round((part * SLOTS) / PRIMARIES));
    await client.call("CLUSTER", "ADDSLOTSRANGE", String(first), String(next! - 1));
  }
  const [{ port, busPort }] = nodes as [ClusterNode];
  for (const client of clients.slice(1))
    await client.call("CLUSTER", "MEET", "127.0.0.1", String(port), String(busPort));
  const knowsAll = async (client: Redis) => (await info(client)).includes(`cluster_known_nodes:${nodes.length}\r`);
  for (const client of clients) await until("the nodes to know each other", () => knowsAll(client), DEADLINE_MS);
  for (const [index, client] of replicas.entries())
    await client.call("CLUSTER", "REPLICATE", String(await primaries[index]!.call("CLUSTER", "MYID")));
  const isInStep = async (client: Redis) => (await client.info("replication")).includes("master_link_status:up");
  for (const client of replicas) await until("a replica to be in step", () => isInStep(client), DEADLINE_MS);
  const isWhole = async (client: Redis) => (await info(client)).includes("cluster_state:ok");
  for (const client of clients) await until("the Redis Cluster to be whole", () => isWhole(client), DEADLINE_MS);
  for (const client of clients) client.on("error", () => undefined); // killed nodes
  return {
    url: `redis+cluster://${nodes.map((node) => `127.0.0.1:${node.port}`).join(",")}`,
    shards: PRIMARIES,
    async failOver(shard) {
      const replica = replicas[shard]!;
      await nodes[shard]!.kill();
      const hasReplaced = async () => (await replica.info("replication")).includes("role:master");
      await until("the replica to replace the primary", hasReplaced, DEADLINE_MS);
      await until("the Redis Cluster to be whole", () => isWhole(replica), DEADLINE_MS);
    },
    async stop() {
      for (const client of clients) client.disconnect();
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

type ClusterNode = TestRedis & { busPort: number };

async function startNode(): Promise<ClusterNode> {
  // Choose the bus port. Its default is the port plus 10,000, which another program may have.
  const [busPort = 0] = await freePorts(1);
  const options = {
    "cluster-enabled": "yes",
    "cluster-port": busPort,
    "cluster-announce-ip": "127.0.0.1",
    "cluster-node-timeout": NODE_TIMEOUT_MS,
    "cluster-replica-validity-factor": 0,
    "repl-diskless-sync-delay": 0,
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return { ...(await startRedis({ args })), busPort };
}
