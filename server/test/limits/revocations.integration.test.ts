import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { until } from "../../../lab/src/until.ts";
import type { Ledger, RevocationTarget } from "../../src/limits/ledger.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { exact, ledgerNode, wide } from "./ledger-node.ts";

let redis: TestRedis;
let client: Redis;
let prefix: string;
let tests = 0;
let nodes: Ledger[] = [];
beforeAll(async () => {
  redis = await startRedis();
  client = new Redis(redis.port);
});
afterAll(async () => {
  client.disconnect();
  await redis.stop();
});
beforeEach(() => void (prefix = `revocations-${tests++}`));
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  nodes = [];
});

async function start(count: number, leaseMs?: number): Promise<[Ledger, Ledger]> {
  const started = Array.from({ length: count }, (_, index) => ledgerNode({ url: redis.url, prefix, nodeId: `node-${index}`, limits: wide, ...(leaseMs === undefined ? {} : { leaseMs }) }));
  nodes.push(...started);
  await Promise.all(started.map((node) => exact(node)));
  return started as [Ledger, Ledger];
}

const listeners = async () => (await client.pubsub("NUMSUB", `${prefix}-revoked`))[1];
const token = (tokenId: string) => ({ userId: "ann", tokenId, issuedAtMs: 0 });

test("one made on a node is in force on the others, and is heard there once", async () => {
  const [a, b] = await start(2);
  const heard: RevocationTarget[] = [];
  b.onRevoked((target) => heard.push(target));
  await until("the listening connection", async () => (await listeners()) === 2, 5000);
  await a.revoke({ tokenId: "t1" }, Date.now() + 60_000);
  await until("the other node", async () => b.isRevoked(token("t1")), 5000, 5);
  await a.revoke({ userId: "bob" }, Date.now() + 60_000);
  await until("the other node", async () => b.isRevoked({ userId: "bob", issuedAtMs: 0 }), 5000, 5);
  expect(heard).toEqual([{ tokenId: "t1" }, { userId: "bob" }]);
});

test("one whose message was lost is learned at the next renewal", async () => {
  const [a, b] = await start(2, 1500);
  await client.call("CLIENT", "KILL", "TYPE", "pubsub");
  await a.revoke({ tokenId: "t1" }, Date.now() + 60_000);
  await until("the other node", async () => b.isRevoked(token("t1")), 5000);
  await until("both to listen again", async () => (await listeners()) === 2, 5000);
});

test("a node that comes later knows what was revoked before", async () => {
  const [a] = await start(1);
  await a.revoke({ tokenId: "t1" }, Date.now() + 60_000);
  await a.revoke({ tokenId: "brief" }, Date.now() + 60_000);
  const [late] = await start(1);
  await until("the late node", async () => late.isRevoked(token("t1")), 5000);
  expect(await late.isRevoked(token("t2"))).toBe(false);
});

test("what comes over the channel and is no revocation is passed by", async () => {
  const [a] = await start(1);
  const heard: RevocationTarget[] = [];
  a.onRevoked((target) => heard.push(target));
  await until("the listening connection", async () => (await listeners()) === 1, 5000);
  for (const message of ["", "hello", "1 2 3", "1 2 3 x:t1", "-1 2 99999999999999 t:t1", "1 NaN 99999999999999 t:t1", Buffer.from([0xff, 0x00])]) await client.publish(`${prefix}-revoked`, message);
  await a.revoke({ tokenId: "good" }, Date.now() + 60_000);
  expect(heard).toEqual([{ tokenId: "good" }]);
});

test("it is kept in Redis until its end and no longer", async () => {
  const [a] = await start(1);
  const untilMs = Date.now() + 60_000;
  await a.revoke({ tokenId: "t1" }, untilMs);
  expect(await client.pexpiretime(`${prefix}:{${prefix}}:revoked`)).toBe(untilMs);
});
