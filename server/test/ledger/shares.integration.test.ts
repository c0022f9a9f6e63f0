import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { until } from "../../../testkit/until.ts";
import { acquainted, away, exact, ledgerNode, shareOf, takeSeats, wide, type LedgerNode } from "./ledger-node.ts";

const LIMIT = 30;
const PER_USER = 3;
const LEASE_MS = 1500;
let redis: TestRedis;
let client: Redis;
let nodes: LedgerNode[];
let rounds = 0;
beforeEach(async () => {
  redis = await startRedis({ args: ["--maxmemory-policy", "noeviction", "--enable-protected-configs", "yes"] });
  client = new Redis(redis.port, { retryStrategy: () => 50 });
  client.on("error", () => undefined);
  await addUser(client);
  nodes = [];
});
afterEach(async () => {
  redis.resume();
  client.disconnect();
  await Promise.all(nodes.map((node) => node.close()));
  await redis.stop();
});

function addUser(admin: Redis): Promise<unknown> {
  return admin.call("ACL", "SETUSER", "gateway", "on", ">secret-secret", "~*", "&*", "+@all");
}

/** Starts a node. Its ledger uses the first Redis server, and its bus uses all of them. */
function startNode(nodeId: string, more: readonly TestRedis[] = []): LedgerNode {
  const url = [redis, ...more].map(({ port }) => `redis://gateway:secret-secret@127.0.0.1:${port}`).join(",");
  const limits = { ...wide, maxConnections: LIMIT, maxConnectionsPerUser: PER_USER };
  const node = ledgerNode({ url, prefix: "shares", nodeId, limits, leaseMs: LEASE_MS, deadlineMs: 500 });
  nodes.push(node);
  return node;
}

async function stopNode(node: LedgerNode): Promise<void> {
  nodes = nodes.filter((other) => other !== node);
  await node.close();
}

/** Waits until the shares of all nodes add up to the limit. */
async function divided(): Promise<void> {
  const sum = (): number => nodes.reduce((total, node) => total + shareOf(node).maxConnections, 0);
  await until("the limit to be divided", async () => sum() === LIMIT, 30_000, 20);
  expect(nodes.reduce((total, node) => total + shareOf(node).maxConnectionsPerUser, 0)).toBe(PER_USER);
}

/**
 * On each node, requests more seats than the limit allows. Returns how many were granted in total. With `userId`, all
 * seats are for one user.
 */
async function admitted(userId?: string): Promise<number> {
  rounds += 1;
  const counts = await Promise.all(nodes.map((node, index) => takeSeats(node, `${rounds}-${index}`, 40, userId)));
  return counts.reduce((sum, count) => sum + count, 0);
}

interface Refusal {
  name: string;
  begin: () => Promise<unknown>;
  end: () => Promise<unknown>;
  wantReason: string;
  /** False when Redis refuses not only the ledger but also the bus. New nodes then do not learn of each other. */
  hasBus?: false;
}

// States in which Redis answers but refuses the ledger's scripts. In most of them it still carries messages of the bus.
const refusals: Refusal[] = [
  {
    name: "is out of memory",
    begin: () => client.config("SET", "maxmemory", "1"),
    end: () => client.config("SET", "maxmemory", "0"),
    wantReason: "out-of-memory",
  },
  {
    name: "allows no scripts to this user",
    begin: () => client.call("ACL", "SETUSER", "gateway", "-evalsha", "-eval"),
    end: () => client.call("ACL", "SETUSER", "gateway", "+evalsha", "+eval"),
    wantReason: "no-permission",
  },
  {
    name: "has too few replicas",
    begin: () => client.config("SET", "min-replicas-to-write", "1"),
    end: () => client.config("SET", "min-replicas-to-write", "0"),
    wantReason: "too-few-replicas",
  },
  {
    name: "cannot save to disk",
    async begin() {
      const [, folder = ""] = await client.config("GET", "dir");
      mkdirSync(join(folder, "occupied.rdb", "x"), { recursive: true });
      await client.config("SET", "dbfilename", "occupied.rdb");
      await client.config("SET", "save", "3600 1");
      await client.bgsave();
      await until("the save to fail", async () => /rdb_last_bgsave_status:err/.test(await client.info()), 30_000, 20);
    },
    end: () => client.config("SET", "save", ""),
    wantReason: "disk-error",
  },
  {
    name: "has become a replica",
    begin: () => client.replicaof("127.0.0.1", "1"),
    end: () => client.replicaof("NO", "ONE"),
    wantReason: "read-only",
    hasBus: false,
  },
];

test("nodes that start admit no client when their only Redis is a replica, and are exact when it is a primary", async () => {
  await client.replicaof("127.0.0.1", "1");
  for (const id of ["a", "b", "c"]) startNode(id);
  const refused = (): boolean =>
    nodes.every((node) => {
      const { exactness } = node.state();
      return !exactness.isExact && exactness.reason === "read-only";
    });
  await until("the ledger to be refused", async () => refused(), 30_000, 20);
  expect(await admitted()).toBe(0);
  await client.replicaof("NO", "ONE");
  await Promise.all(nodes.map((node) => exact(node, 60_000)));
  expect(await admitted()).toBe(LIMIT);
}, 90_000);

describe.each(refusals.filter(({ hasBus }) => hasBus !== false))("when Redis $name", ({ begin, end, wantReason }) => {
  test("nodes that start divide the limit, and are exact when the refusals end", async () => {
    await begin();
    for (const id of ["a", "b", "c"]) startNode(id);
    await divided();
    for (const node of nodes)
      expect(node.state().exactness).toMatchObject({ isExact: false, everExact: false, reason: wantReason });
    expect(await admitted("mary")).toBe(PER_USER);
    expect(await admitted()).toBe(LIMIT - PER_USER);
    await end();
    await Promise.all(nodes.map((node) => exact(node, 30_000)));
    await until("all to be counted", async () => nodes.every((node) => node.state().connections === LIMIT), 30_000);
    expect(await admitted()).toBe(0);
  }, 90_000);
});

describe.each(refusals)("when Redis $name", ({ begin, end, wantReason }) => {
  test("nodes that were exact share the rest of the limit, and stay inexact until the refusals end", async () => {
    const [a, b] = [startNode("a"), startNode("b")];
    await Promise.all([exact(a), exact(b)]);
    await acquainted([a, b]);
    expect(await takeSeats(a, "before", 17)).toBe(17);
    expect(await takeSeats(a, "mary", 5, "mary")).toBe(PER_USER);
    await until("b to know", async () => b.state().connections === 20, 30_000, 5);
    await until("all to be announced", async () => b.bus.hearing() === "all", 30_000);
    await begin();
    await Promise.all([away(a), away(b)]);
    expect(a.state().exactness).toMatchObject({ isExact: false, everExact: true, reason: wantReason });
    expect(await admitted("mary")).toBe(0);
    expect(await admitted()).toBe(LIMIT - 20);
    expect(await a.claimOnce("key", 60_000)).toBe("unknown");
    // Wait for three lengths of a lease, in which the node tries to renew it several times. While Redis refuses writes,
    // the node must not start a new, empty lease.
    const modes = new Set<string>();
    const untilMs = Date.now() + 3 * LEASE_MS;
    await until("three leases to pass", async () => (modes.add(b.state().mode), Date.now() > untilMs), 30_000, 5);
    expect([...modes]).toEqual(["share"]);
    await end();
    await Promise.all([exact(a, 30_000), exact(b, 30_000)]);
    expect(await admitted()).toBe(0);
  }, 90_000);
});

describe("when the first of two Redis is away", () => {
  let second: TestRedis;
  beforeEach(async () => {
    second = await startRedis();
    const other = new Redis(second.port);
    await addUser(other);
    other.disconnect();
  });
  afterEach(() => second.stop());

  // Restarts Redis. It then has no data, and no users until the test adds them again.
  const restart = async (): Promise<void> => {
    await redis.restart();
    await until("the tests' own connection", async () => client.status === "ready", 30_000, 20);
    await addUser(client);
  };
  const startThree = async (): Promise<void> => {
    for (const id of ["x", "y", "z"]) startNode(id, [second]);
    await Promise.all(nodes.map((node) => exact(node)));
    await acquainted(nodes);
  };

  test.each([
    { name: "killed", begin: () => redis.kill(), end: restart },
    { name: "hung", begin: async () => redis.pause(), end: async () => redis.resume() },
  ])(
    "nodes that replace others get their shares ($name)",
    async ({ begin, end }) => {
      await startThree();
      await begin();
      await Promise.all(nodes.map((node) => away(node)));
      for (const id of ["a", "b", "c"]) {
        const [oldest] = nodes;
        startNode(id, [second]);
        await stopNode(oldest!);
      }
      await divided();
      expect(await admitted("mary")).toBe(PER_USER);
      expect(await admitted()).toBe(LIMIT - PER_USER);
      await end();
      await Promise.all(nodes.map((node) => exact(node, 30_000)));
      await until("all to be counted", async () => nodes.every((node) => node.state().connections === LIMIT), 30_000);
    },
    120_000,
  );

  test("a new node takes only what the other nodes do not hold", async () => {
    await startThree();
    expect(await takeSeats(nodes[0]!, "x", 20)).toBe(20);
    await until("all to know", async () => nodes.every((node) => node.state().connections === 20), 30_000, 5);
    await redis.kill();
    await Promise.all(nodes.map((node) => away(node)));
    startNode("a", [second]);
    await divided();
    expect(await admitted()).toBe(LIMIT - 20);
  }, 90_000);

  test("a new node that hears no other node admits no client, because others may use the Redis that it cannot reach", async () => {
    const alone = startNode("a");
    await exact(alone);
    await redis.kill();
    nodes = [];
    await alone.close();
    const late = startNode("b", [second]);
    await until("the bus", async () => late.bus.hearing() === "some", 30_000, 5);
    const untilMs = Date.now() + 6_000;
    const shares = new Set<number>();
    await until("it to listen", async () => (shares.add(shareOf(late).maxConnections), Date.now() > untilMs), 30_000);
    expect([...shares]).toEqual([0]);
    expect(await admitted()).toBe(0);
  }, 60_000);
});
