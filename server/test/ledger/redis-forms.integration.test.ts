import { afterEach, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../../testkit/free-ports.ts";
import { until } from "../../../testkit/until.ts";
import { startRedis } from "../../../testkit/redis.ts";
import { acquainted, away, exact, ledgerNode, takeSeats, wide, type LedgerNode } from "./ledger-node.ts";

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function startCluster(): Promise<string> {
  // Choose the cluster port. Its default is the port plus 10,000, which the kernel may have given to an outgoing
  // connection.
  const [clusterPort = 0] = await freePorts(1);
  const redis = await startRedis({
    args: [
      "--cluster-enabled",
      "yes",
      "--cluster-port",
      String(clusterPort),
      "--cluster-config-file",
      "nodes.conf",
      "--cluster-announce-ip",
      "127.0.0.1",
    ],
  });
  endings.push(() => redis.stop());
  const client = new Redis(redis.port);
  await client.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  await until(
    "the cluster",
    async () => ((await client.call("CLUSTER", "INFO")) as string).includes("cluster_state:ok"),
    30_000,
  );
  client.disconnect();
  return `redis+cluster://127.0.0.1:${redis.port}`;
}

async function startSentinel(masterPort: number): Promise<string> {
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), "realtime-sentinel-"));
  const file = join(folder, "sentinel.conf");
  writeFileSync(
    file,
    `port ${port}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor mymaster 127.0.0.1 ${masterPort} 1\nsentinel down-after-milliseconds mymaster 500\nsentinel failover-timeout mymaster 2000\n`,
  );
  const program = existsSync("/usr/bin/redis-check-rdb") ? "/usr/bin/redis-check-rdb" : "redis-server";
  const child = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "bash", "-c", 'exec -a redis-sentinel "$0" "$@"', program, file, "--sentinel"],
    { stdio: "ignore" },
  );
  endings.push(async () => {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });
  const client = new Redis(port, { retryStrategy: () => 50 });
  client.on("error", () => undefined);
  await until(
    "the Sentinel to know the replica",
    async () => ((await client.call("SENTINEL", "REPLICAS", "mymaster")) as unknown[]).length === 1,
    30_000,
  );
  client.disconnect();
  return `redis+sentinel://127.0.0.1:${port}/mymaster`;
}

function start(url: string, prefix = "forms"): [LedgerNode, LedgerNode] {
  const nodes = ["a", "b"].map((nodeId) =>
    ledgerNode({ url, prefix, nodeId, limits: { ...wide, maxConnections: 100 }, leaseMs: 1500 }),
  );
  endings.push(async () => void (await Promise.all(nodes.map((node) => node.close()))));
  return nodes as [LedgerNode, LedgerNode];
}

describe("Redis Cluster", () => {
  test("grants exactly 100 seats when two nodes race, and does everything else as on one server", async () => {
    const [a, b] = start(await startCluster());
    await Promise.all([exact(a), exact(b)]);
    const taken = await Promise.all([takeSeats(a, "a", 100), takeSeats(b, "b", 100)]);
    expect(taken[0] + taken[1]).toBe(100);
    expect(await a.enterRoom({ socketId: "s", userId: "ann", namespace: "/events", room: "lobby" })).toMatchObject({
      entered: true,
    });
    expect(await b.presence("/events", "lobby")).toEqual({ participantCount: 1, users: ["ann"] });
    expect([
      await a.admitAddress("192.0.2.1"),
      await a.takeEvent("ann", Date.now()),
      await a.claimOnce("k", 1000),
    ]).toEqual([{ allowed: true }, { allowed: true }, "claimed"]);
    await a.revoke({ tokenId: "t1" }, Date.now() + 60_000);
    await until("the other node", async () => b.isRevoked({ userId: "ann", tokenId: "t1", issuedAtMs: 0 }), 30_000);
    expect(a.state().mode).toBe("cluster");
  }, 60_000);

  test("keeps all keys in one slot whatever the prefix", async () => {
    const url = await startCluster();
    for (const prefix of ["x", "team-1:chat.v2", "a".repeat(64)]) {
      const [a] = start(url, prefix);
      await exact(a);
      expect(await takeSeats(a, "a", 3)).toBe(3);
    }
  }, 60_000);
});

test("Sentinel: declares to the new primary when the old one has died", async () => {
  const master = await startRedis();
  const replica = await startRedis({ args: ["--replicaof", "127.0.0.1", String(master.port)] });
  endings.push(
    () => master.stop(),
    () => replica.stop(),
  );
  const [a, b] = start(await startSentinel(master.port));
  await Promise.all([exact(a), exact(b)]);
  await acquainted([a, b]);
  await takeSeats(a, "a", 60);
  await takeSeats(b, "b", 30);
  await until("both to count 90", async () => [a, b].every((node) => node.state().connections === 90), 30_000, 5);
  await master.kill();
  await Promise.all([away(a), away(b)]);
  expect(await takeSeats(b, "b2", 40)).toBe(10);
  await Promise.all([exact(a, 40_000), exact(b, 40_000)]);
  await until(
    "everybody to be counted",
    async () => a.state().connections === 100 && b.state().connections === 100,
    30_000,
  );
  expect(await takeSeats(a, "late", 1)).toBe(0);
}, 90_000);
