import { expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import type { RevocationTarget } from "../../src/ledger/ledger.ts";
import { ledgerFleet } from "./ledger-fleet.ts";

const on = ledgerFleet("revocations");
const listeners = async () => (await on.client.pubsub("NUMSUB", `${on.prefix}-revoked`))[1];
const token = (tokenId: string) => ({ userId: "ann", tokenId, issuedAtMs: 0 });

test("takes effect on the other nodes, and calls their listeners once, when one node makes it", async () => {
  const [a, b] = await on.start(2);
  const heard: RevocationTarget[] = [];
  b.onRevoked((target) => heard.push(target));
  await until("the listening connection", async () => (await listeners()) === 2, 30_000);
  await a.revoke({ tokenId: "t1" }, Date.now() + 60_000);
  await until("the other node", async () => b.isRevoked(token("t1")), 30_000, 5);
  await a.revoke({ userId: "bob" }, Date.now() + 60_000);
  await until("the other node", async () => b.isRevoked({ userId: "bob", issuedAtMs: 0 }), 30_000, 5);
  expect(heard).toEqual([{ tokenId: "t1" }, { userId: "bob" }]);
});

test("reaches a node at the next renewal when its message was lost", async () => {
  const [a, b] = await on.start(2, { leaseMs: 1500 });
  await on.client.call("CLIENT", "KILL", "TYPE", "pubsub");
  await a.revoke({ tokenId: "t1" }, Date.now() + 60_000);
  await until("the other node", async () => b.isRevoked(token("t1")), 30_000);
  await until("both to listen again", async () => (await listeners()) === 2, 30_000);
});

test("is known to a node that starts later", async () => {
  const [a] = await on.start(1);
  await a.revoke({ tokenId: "t1" }, Date.now() + 60_000);
  await a.revoke({ tokenId: "brief" }, Date.now() + 60_000);
  const [late] = await on.start(1);
  await until("the late node", async () => late.isRevoked(token("t1")), 30_000);
  expect(late.isRevoked(token("t2"))).toBe(false);
});

test("skips messages on the channel that are not revocations", async () => {
  const [a, b] = await on.start(2);
  const heard: RevocationTarget[] = [];
  a.onRevoked((target) => heard.push(target));
  await until("the listening connections", async () => (await listeners()) === 2, 30_000);
  for (const message of [
    "",
    "hello",
    "1 2 3",
    "1 2 3 x:t1",
    "-1 2 99999999999999 t:t1",
    "1 NaN 99999999999999 t:t1",
    Buffer.from([0xff, 0x00]),
  ])
    await on.client.publish(`${on.prefix}-revoked`, message);
  // Send a correct revocation over the same channel. When it has arrived, all malformed ones before it have arrived,
  // too.
  await b.revoke({ tokenId: "good" }, Date.now() + 60_000);
  await until("the good one", async () => a.isRevoked(token("good")), 30_000, 5);
  expect(heard).toEqual([{ tokenId: "good" }]);
});

test("skips values of other programs in Redis, and overwrites them when a real revocation comes", async () => {
  const revoked = `${on.prefix}:{${on.prefix}}:revoked`;
  await on.client.hset(revoked, {
    "t:t1": "nan nan",
    "u:bob": "inf inf",
    "t:t2": "",
    "x:y": "1 99999999999999",
    "t:t3": "1e400 1e400",
  });
  await on.client.set(`${revoked}-version`, 7);
  const [a] = await on.start(1);
  await a.revoke({ tokenId: "t2" }, Date.now() + 60_000);
  expect(a.isRevoked(token("t2"))).toBe(true);
  expect(a.isRevoked(token("t1"))).toBe(false);
  expect(await on.client.hget(revoked, "t:t2")).toMatch(/^\d+ \d+$/);
  // A node that starts now must read the revocations from Redis, and must survive the malformed ones.
  const [late] = await on.start(1);
  await until("the late node", async () => late.isRevoked(token("t2")), 30_000);
  expect([a.state().mode, late.state().mode]).toEqual(["cluster", "cluster"]);
});

test("stays in Redis until its end and no longer", async () => {
  const [a] = await on.start(1);
  const untilMs = Date.now() + 60_000;
  await a.revoke({ tokenId: "t1" }, untilMs);
  expect(await on.client.pexpiretime(`${on.prefix}:{${on.prefix}}:revoked`)).toBe(untilMs);
});
