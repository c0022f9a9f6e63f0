import { describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { until } from "../../../testkit/until.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Limits } from "../../src/protocol/limits.ts";
import { ledgerFleet } from "./ledger-fleet.ts";
import { takeAtLast, takeSeats, wide } from "./ledger-node.ts";

const on = ledgerFleet("nodes");
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
const inRoom = (room: string, socketId: string, userId = "ann") => ({
  socketId,
  userId,
  namespace: "/messaging",
  room,
});
const keys = async () => (await on.client.keys(`${on.prefix}*`)).sort();

describe("seats are counted over all nodes", () => {
  test.each([2, 3])("%i nodes race for 100 seats with 200 clients, and exactly 100 get one", async (count) => {
    const started = await on.start(count, { limits: { maxConnections: 100 } });
    const taken = await Promise.all(started.map((node, index) => takeSeats(node, `n${index}`, Math.ceil(200 / count))));
    expect(sum(taken)).toBe(100);
    expect(await takeSeats(started[0], "late", 1)).toBe(0);
    expect(started.map((node) => node.seatLikely())[0]).toBe(false);
  });

  test("counts a user's connections over all nodes", async () => {
    const started = await on.start(3, { limits: { maxConnectionsPerUser: 5 } });
    const taken = await Promise.all(started.map((node, index) => takeSeats(node, `n${index}`, 10, "ann")));
    expect(sum(taken)).toBe(5);
  });

  test("frees the seats of a node at once when it closes, and removes its keys", async () => {
    const [a, b] = await on.start(2, { limits: { maxConnections: 10 }, leaseMs: 3000 });
    await takeSeats(a, "a", 10);
    await a.enterRoom(inRoom("lobby", "s1"));
    expect(await takeSeats(b, "b", 1)).toBe(0);
    await a.close();
    expect(await takeSeats(b, "b", 11)).toBe(10);
    await until("the keys to be freed", async () => (await keys()).every((key) => !key.includes("node-0")), 30_000);
    expect(b.state().nodes).toBe(1);
  });
});

describe("a client that comes from another node", () => {
  const ann = (socketId: string) => ({ socketId, userId: "ann" });

  test("keeps its seat at every limit, and the other node's seat ends with it", async () => {
    const [a, b, c] = await on.start(3, { limits: { maxConnections: 2, maxConnectionsPerUser: 1 } });
    await a.takeSeat(ann("old"));
    await takeSeats(a, "other", 1);
    expect(await b.takeSeat(ann("new"))).toMatchObject({ taken: false, limit: "global" });
    const answers = await Promise.all([b.takeSeat(ann("new"), "old"), c!.takeSeat(ann("late"), "old")]);
    expect(answers.map(({ taken }) => taken)).toEqual([true, false]);
    await a.releaseSeat(ann("old"));
    expect(await c!.takeSeat(ann("late"), "old")).toMatchObject({ taken: false, limit: "global" });
    expect(await c!.takeSeat(ann("late"), "new")).toEqual({ taken: true });
  });

  test("keeps its rooms at the limit, and is counted once", async () => {
    const [a, b] = await on.start(2, { limits: { maxRoomsPerUser: 1 } });
    await a.enterRoom(inRoom("lobby", "s1"));
    a.setLimits({ ...wide, maxRoomsPerUser: 0 });
    b.setLimits({ ...wide, maxRoomsPerUser: 0 });
    expect(await b.enterRoom(inRoom("lobby", "s2"))).toMatchObject({ entered: true, participantCount: 2 });
    const returning = { hash: "hash", generation: 2 };
    expect(await b.enterRoom(inRoom("lobby", "s1", "bob"), { returning })).toMatchObject({ entered: false });
    expect(await b.enterRoom(inRoom("lobby", "s1"), { returning })).toMatchObject({ participantCount: 2 });
    expect(await a.leaveRoom(inRoom("lobby", "s1"))).toEqual({ participantCount: 2 });
    expect(await b.presence("/messaging", "lobby")).toEqual({ participantCount: 2, users: ["ann"] });
  });

  test("does not take its entry from the node that has claimed its session since", async () => {
    const [a, b] = await on.start(2, {});
    await a.enterRoom(inRoom("lobby", "s1"));
    await on.client.hset(`${on.prefix}:{${on.prefix}}:session:hash`, "g", "8");
    expect(await b.enterRoom(inRoom("lobby", "s1"), { returning: { hash: "hash", generation: 7 } })).toMatchObject({
      isTaken: true,
    });
    expect(await b.leaveRoom(inRoom("lobby", "s1"))).toEqual({ participantCount: 1 });
    const returning = { hash: "hash", generation: 8 };
    expect(await b.enterRoom(inRoom("lobby", "s1"), { returning })).toMatchObject({ participantCount: 1 });
    expect(await a.leaveRoom(inRoom("lobby", "s1"))).toEqual({ participantCount: 1 });
  });

  test("leaves a room on the other node, too", async () => {
    const [a, b] = await on.start(2, {});
    await a.enterRoom(inRoom("lobby", "s1"));
    await a.enterRoom(inRoom("lobby", "s2"));
    expect(await b.leaveRoom(inRoom("lobby", "s1"))).toEqual({ participantCount: 2 });
    expect(await b.leaveRoom(inRoom("lobby", "s1"), { onEveryNode: true })).toEqual({ participantCount: 1 });
  });
});

describe("a node in its own process", () => {
  const startProcess = async (seats: number, limits: Partial<Limits>, leaseMs: number) => {
    const options = JSON.stringify({
      url: on.redis.url,
      prefix: on.prefix,
      nodeId: "process",
      limits: { ...wide, ...limits },
      leaseMs,
    });
    const program = fileURLToPath(new URL("ledger-process.ts", import.meta.url));
    const child = spawn("setpriv", ["--pdeathsig", "KILL", process.execPath, program, options, String(seats)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    return child;
  };

  test("loses its seats and room entries when it is killed and its lease has ended", async () => {
    const [a] = await on.start(1, { limits: { maxConnections: 10 }, leaseMs: 3000 });
    const child = await startProcess(10, { maxConnections: 10 }, 3000);
    expect(await takeSeats(a, "a", 1)).toBe(0);
    expect((await a.presence("/messaging", "lobby")).participantCount).toBe(1);
    child.kill("SIGKILL");
    await until("the seats", async () => (await takeSeats(a, "a", 10)) === 10, 30_000);
    expect((await a.presence("/messaging", "lobby")).participantCount).toBe(0);
    await until("the keys to be freed", async () => (await keys()).every((key) => !key.includes("process")), 30_000);
    await until("the count of nodes", async () => a.state().nodes === 1, 30_000);
  }, 90_000);

  test("is counted again when it was paused beyond its lease, and no client is disconnected", async () => {
    const [a] = await on.start(1, { limits: { maxConnections: 10 }, leaseMs: 3000 });
    const child = await startProcess(4, { maxConnections: 10 }, 3000);
    child.kill("SIGSTOP");
    await until("the seats", async () => (await takeSeats(a, "a", 10)) === 10, 30_000);
    await until(
      "the dead lease to be freed",
      async () => (await keys()).every((key) => !key.includes("process")),
      30_000,
    );
    child.kill("SIGCONT");
    await until("both to be counted", async () => a.state().connections === 14, 30_000);
    expect((await a.presence("/messaging", "lobby")).participantCount).toBe(1);
    for (let index = 0; index < 5; index += 1) await a.releaseSeat({ socketId: `a-${index}`, userId: `a-${index}` });
    await takeAtLast(a, "later", 3, 1);
    child.kill("SIGKILL");
  }, 120_000);
});

describe("rooms", () => {
  test("counts a user's rooms over all nodes, each room once", async () => {
    const [a, b] = await on.start(2, { limits: { maxRoomsPerUser: 2 } });
    await a.enterRoom(inRoom("one", "s1"));
    await b.enterRoom(inRoom("two", "s2"));
    expect(await a.enterRoom(inRoom("three", "s1"))).toEqual({ entered: false, currentRoomCount: 2 });
    expect(await a.enterRoom(inRoom("two", "s1"))).toEqual({ entered: true, participantCount: 2, first: true });
    expect(await b.leaveRoom(inRoom("two", "s2"))).toEqual({ participantCount: 1 });
    expect(await b.enterRoom(inRoom("three", "s2"))).toEqual({ entered: false, currentRoomCount: 2 });
    await a.leaveRoom(inRoom("two", "s1"));
    expect(await b.enterRoom(inRoom("three", "s2"))).toMatchObject({ entered: true });
  });

  test("grants exactly the limit when three nodes race for rooms", async () => {
    const started = await on.start(3, { limits: { maxRoomsPerUser: 7 } });
    const answers = await Promise.all(
      started.flatMap((node, at) =>
        Array.from({ length: 10 }, (_, room) => node.enterRoom(inRoom(`${at}-${room}`, `s${at}`))),
      ),
    );
    expect(answers.filter(({ entered }) => entered)).toHaveLength(7);
  });

  test("answers the presence of all nodes whichever node is asked", async () => {
    const [a, b] = await on.start(2);
    await a.enterRoom(inRoom("lobby", "s1", "ann"));
    await b.enterRoom(inRoom("lobby", "s2", "bob"));
    await b.enterRoom(inRoom("lobby", "s3", "ann"));
    for (const node of [a, b]) {
      const { participantCount, users } = await node.presence("/messaging", "lobby");
      expect([participantCount, [...users].sort()]).toEqual([3, ["ann", "bob"]]);
    }
  });
});

describe("rates", () => {
  test("grants exactly the limit when a user is on three nodes", async () => {
    const started = await on.start(3, { limits: { maxEventsPerMinute: 100 } });
    const spend = async (node: Ledger) => {
      let allowed = 0;
      for (let index = 0; index < 100; index += 1) if ((await node.takeEvent("ann", Date.now())).allowed) allowed += 1;
      return allowed;
    };
    expect(sum(await Promise.all(started.map(spend)))).toBe(100);
  });

  test("counts handshakes of one address over all nodes", async () => {
    const started = await on.start(3, { limits: { maxConnectionsPerAddress: 10 } });
    const answers = await Promise.all(
      started.flatMap((node) => Array.from({ length: 8 }, async () => node.admitAddress("192.0.2.7"))),
    );
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(10);
  });

  test("a credit on one node counts on another one that knows the address as exhausted", async () => {
    const [a, b] = await on.start(2, { limits: { maxConnectionsPerAddress: 1 } });
    expect((await a.admitAddress("192.0.2.7")).allowed).toBe(true);
    expect((await b.admitAddress("192.0.2.7")).allowed).toBe(false);
    await a.creditAddress("192.0.2.7");
    await until("b to ask again", async () => (await b.admitAddress("192.0.2.7")).allowed, 30_000, 50);
  });

  test("the addresses of a node that dies get as many handshakes back as they held seats there", async () => {
    const [a, b] = await on.start(2, { limits: { maxConnectionsPerAddress: 5 }, leaseMs: 900 });
    for (let left = 5; left > 0; left -= 1) await a.admitAddress("192.0.2.7");
    await a.noteAddresses(
      new Map([
        ["192.0.2.7", 5],
        ["192.0.2.8", 1],
      ]),
    );
    expect((await b.admitAddress("192.0.2.7")).allowed).toBe(false);
    const base = `${on.prefix}:{${on.prefix}}:`;
    const [noted] = await on.client.keys(`${base.replace(/[{}]/g, "?")}*:addresses`);
    expect(await on.client.hgetall(noted!)).toEqual({ "192.0.2.7": "5" });
    // Create the data of a node that is dead: its lease is in the past.
    await on.client.copy(noted!, `${base}dead:addresses`);
    await on.client.zadd(`${base}leases`, 1, "dead");
    await until("the credit", async () => (await b.admitAddress("192.0.2.7")).allowed, 30_000, 50);
    const more = await Promise.all(Array.from({ length: 8 }, async () => b.admitAddress("192.0.2.7")));
    expect(more.filter(({ allowed }) => allowed)).toHaveLength(4);
  });

  test("gives two draining nodes one bucket", async () => {
    const started = await on.start(2);
    for (const node of started) node.setDrainRate(1000);
    const [a, b] = started;
    expect((await a.takeDrainTokens(1000)).granted).toBeGreaterThanOrEqual(100);
    // Since the first call, only a few new drain tokens have come into the bucket. If each node had its own bucket,
    // there would be far more.
    expect((await b.takeDrainTokens(1000)).granted).toBeLessThan(100);
  });

  test("forgets the windows that end first when there are too many invented keys", async () => {
    const [a] = await on.start(1);
    const flood = Array.from({ length: 1000 }, (_, index) => `address-${index}`);
    const ends = `${on.prefix}:{${on.prefix}}:addresses:ends`;
    // Fill Redis in several steps. A script that blocks Redis for too long would make the node fall back to its share.
    const fill =
      "for index = tonumber(ARGV[2]), ARGV[2] + 1999 do redis.call('ZADD', KEYS[1], ARGV[1], 'old-' .. index) redis.call('HSET', KEYS[2], 'old-' .. index, 1) end";
    for (let from = 1; from <= 100_000; from += 2_000)
      await on.client.eval(fill, 2, ends, ends.replace(":ends", ":used"), Date.now() + 1000, from);
    await until("the node to count in Redis", async () => a.state().mode === "cluster", 30_000);
    await Promise.all(flood.map(async (address) => a.admitAddress(address)));
    expect(await on.client.zcard(ends)).toBeLessThanOrEqual(100_000);
    expect(await on.client.hlen(ends.replace(":ends", ":used"))).toBe(await on.client.zcard(ends));
    expect(await on.client.zscore(ends, "address-999")).not.toBeNull();
  });
});

test("a key claimed on one node is used on all", async () => {
  const started = await on.start(3);
  const answers = await Promise.all(started.map((node) => node.claimOnce("key", 60_000)));
  expect(answers.filter((answer) => answer === "claimed")).toHaveLength(1);
});

test("keys begin with the prefix and expire, and two clusters on one Redis are separate", async () => {
  const [a] = await on.start(1, { limits: { maxConnections: 1 } });
  await takeSeats(a, "a", 1);
  await a.enterRoom(inRoom("lobby", "s1"));
  await a.takeEvent("ann", Date.now());
  await a.admitAddress("192.0.2.1");
  await a.takeDrainTokens(1);
  await a.revoke({ tokenId: "t1" }, Date.now() + 60_000);
  await a.claimOnce("key", 60_000);
  const written = await keys();
  expect(written.length).toBeGreaterThan(10);
  for (const key of written) expect([key, (await on.client.pttl(key)) > 0]).toEqual([key, true]);
  on.anotherCluster();
  const [other] = await on.start(1, { limits: { maxConnections: 1 } });
  expect(await takeSeats(other, "o", 1)).toBe(1);
});
