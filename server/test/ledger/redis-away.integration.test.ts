import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { until } from "../../../testkit/until.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Limits } from "../../src/protocol/limits.ts";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import {
  acquainted,
  away,
  exact,
  ledgerNode,
  shareOf,
  takeAtLast,
  takeSeats,
  wide,
  type LedgerNode,
} from "./ledger-node.ts";

const LEASE_MS = 1500;
/** After Redis has been silent for this long, a node treats it as down. This is the value of a real gateway. */
const DEADLINE_MS = 500;
let redis: TestRedis;
let a: LedgerNode;
let b: LedgerNode;
beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  redis.resume();
  await Promise.all([a.close(), b.close()]);
  await redis.stop();
});

const unready = (limits: Partial<Limits>) =>
  ["a", "b"].map((nodeId) =>
    ledgerNode({
      url: redis.url,
      prefix: "away",
      nodeId,
      limits: { ...wide, ...limits },
      leaseMs: LEASE_MS,
      deadlineMs: DEADLINE_MS,
    }),
  ) as [LedgerNode, LedgerNode];

async function start(limits: Partial<Limits>): Promise<void> {
  [a, b] = unready(limits);
  await Promise.all([exact(a), exact(b)]);
  await acquainted([a, b]);
}

const bothCount = (connections: number) =>
  until(
    `both to count ${connections}`,
    async () => [a, b].every((node) => node.state().mode === "cluster" && node.state().connections === connections),
    30_000,
    20,
  );
const release = (node: Ledger, name: string, from: number, to: number) =>
  Promise.all(
    Array.from({ length: to - from }, (_, index) =>
      node.releaseSeat({ socketId: `${name}-${from + index}`, userId: `${name}-${from + index}` }),
    ),
  );

// How Redis fails and comes back: with its data or without.
const outages: { name: string; begin: () => Promise<void> | void; end: () => Promise<void> | void }[] = [
  { name: "is killed and comes back empty", begin: () => redis.kill(), end: () => redis.restart() },
  {
    name: "stops answering without closing a connection, and answers again later",
    begin: () => redis.pause(),
    end: () => redis.resume(),
  },
];

describe.each(outages)("Redis $name", ({ begin, end }) => {
  test("each node grants its share, and every client is counted when Redis is back", async () => {
    await start({ maxConnections: 20 });
    expect(await takeSeats(a, "a", 4)).toBe(4);
    expect(await takeSeats(b, "b", 12)).toBe(12);
    await bothCount(16);
    await begin();
    // Each node's share of 20 seats would be ten. But node b already has twelve seats and node a has four, so node a
    // gets the other four.
    expect(await takeSeats(a, "a2", 10)).toBe(4);
    expect(await takeSeats(b, "b2", 10)).toBe(0);
    expect([a.state().mode, b.state().mode, a.seatLikely(), b.seatLikely()]).toEqual(["share", "share", false, false]);
    await end();
    await bothCount(20);
    expect(await takeSeats(a, "a3", 1)).toBe(0);
    await release(b, "b", 0, 3);
    await takeAtLast(a, "a4", 4, 3);
    await bothCount(20);
    expect((await a.sweep({ seats: heldBy("a", 4, "a2", 4, "a4", 3) })).corrected).toBe(0);
  }, 60_000);

  test("counts clients that left, and rooms that were entered or left, when Redis is back", async () => {
    await start({ maxRoomsPerUser: 4 });
    const lobby = (socketId: string, userId: string, room = "lobby") => ({
      socketId,
      userId,
      namespace: "/messaging",
      room,
    });
    await takeSeats(a, "a", 5);
    await a.enterRoom(lobby("s1", "ann"));
    await b.enterRoom(lobby("s2", "bob"));
    await begin();
    await Promise.all([release(a, "a", 0, 2), a.leaveRoom(lobby("s1", "ann")), b.enterRoom(lobby("s3", "eve"))]);
    expect(await b.presence("/messaging", "lobby")).toEqual({ participantCount: 2, users: ["bob", "eve"] });
    // The limit is four rooms per user, so each of the two nodes may grant two rooms.
    expect(
      await Promise.all(
        ["one", "two", "three"].map(async (room) => (await a.enterRoom(lobby("s4", "ann", room))).entered),
      ),
    ).toEqual([true, true, false]);
    await end();
    await bothCount(3);
    expect((await a.presence("/messaging", "lobby")).users.toSorted()).toEqual(["bob", "eve"]);
    expect(await a.presence("/messaging", "one")).toEqual({ participantCount: 1, users: ["ann"] });
    expect(await a.sweep({ seats: heldBy("a", 5).slice(2) })).toEqual({ corrected: 0 });
  }, 60_000);

  test("rates continue with shares, and only the first request waits", async () => {
    await start({ maxEventsPerMinute: 10, maxConnectionsPerAddress: 6 });
    await begin();
    await away(a);
    const events = await Promise.all(Array.from({ length: 8 }, async () => a.takeEvent("ann", Date.now())));
    expect(events.filter(({ allowed }) => allowed)).toHaveLength(5);
    expect(a.takeEvent("ann", Date.now())).not.toBeInstanceOf(Promise);
    const handshakes = await Promise.all(Array.from({ length: 5 }, async () => a.admitAddress("192.0.2.1")));
    expect(handshakes.filter(({ allowed }) => allowed)).toHaveLength(3);
    a.setDrainRate(100);
    expect((await a.takeDrainTokens(1000)).granted).toBe(5);
    expect(await a.claimOnce("k", 1000)).toBe("unknown");
    await end();
    await exact(a, 30_000);
  }, 60_000);

  test("a revocation takes effect on its node at once, and on other nodes when Redis is back", async () => {
    await start({});
    const isRevoked = (node: Ledger, tokenId: string) => node.isRevoked({ userId: "ann", tokenId, issuedAtMs: 0 });
    await a.revoke({ tokenId: "before" }, Date.now() + 60_000);
    await until("the other node", async () => isRevoked(b, "before"), 30_000);
    await begin();
    await a.revoke({ tokenId: "during" }, Date.now() + 60_000);
    expect(isRevoked(a, "during")).toBe(true);
    await end();
    await until("the other node", async () => isRevoked(b, "during"), 30_000);
    const late = await exact(ledgerNode({ url: redis.url, prefix: "away", nodeId: "late", limits: wide }));
    await until("a node that comes later", async () => isRevoked(late, "before") && isRevoked(late, "during"), 30_000);
    await late.close();
  }, 60_000);
});

test("admits no client and reports the reason when it has never reached Redis", async () => {
  await redis.kill();
  [a, b] = unready({ maxConnections: 3 });
  expect(await a.takeSeat({ socketId: "a-0", userId: "ann" })).toEqual({
    taken: false,
    limit: "global",
    isPassing: true,
  });
  await until("the reason", async () => /ECONNREFUSED/.test(JSON.stringify(a.state().exactness)), 10_000, 5);
  expect(a.state()).toMatchObject({
    mode: "share",
    exactness: { isExact: false, everExact: false, everUsable: false, reason: "unreachable" },
  });
  expect(shareOf(a)).toMatchObject({ maxConnections: 0, maxConnectionsPerUser: 0 });
  await redis.restart();
  await bothCount(0);
  await takeAtLast(b, "b", 5, 3);
}, 60_000);

test("declares again when Redis loses its data under an open connection", async () => {
  await start({ maxConnections: 10 });
  await takeSeats(a, "a", 4);
  await takeSeats(b, "b", 4);
  const client = new Redis(redis.port);
  await client.flushall();
  await until("both to have declared again", async () => (await client.zcard("away:{away}:leases")) === 2, 10_000, 5);
  await bothCount(8);
  await takeAtLast(a, "more", 5, 2);
  client.disconnect();
}, 60_000);

test("declares a large node completely, and frees the lease that it replaces", async () => {
  await start({ maxConnections: 10_000 });
  const everybody = Array.from({ length: 1500 }, (_, index) => ({ socketId: `a-${index}`, userId: `a-${index}` }));
  await takeSeats(a, "a", 1500);
  await Promise.all(everybody.map((seat) => a.enterRoom({ ...seat, namespace: "/messaging", room: "lobby" })));
  const client = new Redis(redis.port);
  const leases = async () => [...new Set((await client.keys("away*a~*")).map((key) => /a~[^:]*/.exec(key)?.[0]))];
  const replaced = await leases();
  expect(replaced).toHaveLength(1);
  await client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await until("another lease", async () => (await leases()).some((lease) => !replaced.includes(lease)), 30_000);
  await bothCount(1500);
  expect(await b.presence("/messaging", "lobby")).toMatchObject({ participantCount: 1500 });
  expect(await a.sweep({ seats: everybody })).toEqual({ corrected: 0 });
  // The node's lease has three keys of its own, one key for each of 1,500 users, and one for the room. Those of the old
  // lease must be gone.
  await until("the old lease to be freed", async () => (await client.keys("away*a~*")).length === 3 + 1500 + 1, 30_000);
  expect((await leases()).some((lease) => replaced.includes(lease))).toBe(false);
  client.disconnect();
}, 60_000);

function heldBy(...named: (string | number)[]): { socketId: string; userId: string }[] {
  const seats = [];
  for (let at = 0; at < named.length; at += 2) {
    for (let index = 0; index < Number(named[at + 1]); index += 1)
      seats.push({ socketId: `${named[at]}-${index}`, userId: `${named[at]}-${index}` });
  }
  return seats;
}
