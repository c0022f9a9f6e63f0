import { beforeEach, describe, expect, test } from "@jest/globals";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { ledgerFleet } from "./ledger-fleet.ts";
import { exact, takeSeats, wide } from "./ledger-node.ts";

const on = ledgerFleet("sweep");
let node: Ledger;
beforeEach(async () => {
  [node] = await on.start(1);
  await takeSeats(node, "s", 3);
  await node.enterRoom({ socketId: "x1", userId: "ann", namespace: "/events", room: "lobby" });
  await node.enterRoom({ socketId: "x2", userId: "ann", namespace: "/events", room: "lobby" });
});

const held = { seats: ["s-0", "s-1", "s-2"].map((name) => ({ socketId: name, userId: name })) };
const keyOf = async (suffix: string) => (await on.client.keys(`${on.prefix}:*${suffix}`))[0] ?? "";

describe("finds and corrects damage in Redis", () => {
  test.each<{ name: string; damage: () => Promise<unknown>; wantCorrected: number }>([
    { name: "nothing", damage: async () => undefined, wantCorrected: 0 },
    {
      name: "a seat that is missing",
      damage: async () => on.client.hdel(await keyOf(":seats"), "s-1"),
      wantCorrected: 1,
    },
    {
      name: "a seat that no socket holds",
      damage: async () => on.client.hset(await keyOf(":seats"), "phantom", "nobody"),
      wantCorrected: 1,
    },
    {
      name: "a seat under another user's name",
      damage: async () => on.client.hset(await keyOf(":seats"), "s-1", "s-2"),
      wantCorrected: 1,
    },
    { name: "all seats gone", damage: async () => on.client.del(await keyOf(":seats")), wantCorrected: 3 },
    {
      name: "a user counted too often",
      damage: async () => on.client.hincrby(await keyOf(":users"), "s-0", 7),
      wantCorrected: 1,
    },
    {
      name: "a counted user that has no seat",
      damage: async () => on.client.hset(await keyOf(":users"), "phantom", 5),
      wantCorrected: 1,
    },
    {
      name: "a socket missing in a room",
      damage: async () => on.client.hdel(await keyOf("lobby"), "x1"),
      wantCorrected: 1,
    },
    {
      name: "a room entry that no socket has",
      damage: async () => on.client.hset(await keyOf("lobby"), "x9", "eve"),
      wantCorrected: 1,
    },
    { name: "a user's rooms missing", damage: async () => on.client.del(await keyOf(":user:ann")), wantCorrected: 1 },
    {
      name: "a room that should not exist",
      damage: async () => on.client.sadd(await keyOf(":names"), ":room:ghost"),
      wantCorrected: 1,
    },
    {
      name: "a key of another type",
      damage: async () => on.client.set(await keyOf(":seats"), "nonsense"),
      wantCorrected: 0,
    },
    { name: "everything gone", damage: async () => on.client.flushdb(), wantCorrected: 8 },
  ])("$name", async ({ damage, wantCorrected }) => {
    await damage();
    expect(await node.sweep(held)).toEqual({ corrected: wantCorrected });
    await exact(node);
    expect(await node.sweep(held)).toEqual({ corrected: 0 });
    expect(node.state().connections).toBe(3);
    expect(await node.presence("/events", "lobby")).toEqual({ participantCount: 2, users: ["ann"] });
    expect(await takeSeats(node, "more", wide.maxConnections)).toBe(wide.maxConnections - 3);
  });
});

test("frees seats of clients that are gone, and counts those of clients that are here", async () => {
  const seats = [...held.seats.slice(1), { socketId: "new", userId: "new" }];
  expect(await node.sweep({ seats })).toEqual({ corrected: 2 });
  expect(Object.keys(await on.client.hgetall(await keyOf(":seats"))).sort()).toEqual(["new", "s-1", "s-2"]);
  expect(await node.sweep({ seats })).toEqual({ corrected: 0 });
});

test("corrects nothing when nothing is damaged, on three busy nodes at once", async () => {
  const nodes = await on.start(3, { limits: { maxConnections: 60, maxConnectionsPerUser: 4, maxRoomsPerUser: 3 } });
  const here = nodes.map(() => new Map<string, { socketId: string; userId: string }>());
  // A random number generator (xorshift32) that makes the same choices in every run.
  let state = 42;
  const pick = (most: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % most;
  };
  const corrected: number[] = [];
  let made = 0;
  const live = async (at: number) => {
    const ledger = nodes[at] as Ledger;
    const clients = here[at] as Map<string, { socketId: string; userId: string }>;
    for (let step = 0; step < 60; step += 1) {
      const socket = pick(20);
      const entry = {
        socketId: `x${socket}`,
        userId: `user-${socket % 8}`,
        namespace: "/events",
        room: `room-${pick(5)}`,
      };
      const action = pick(10);
      if (action < 3) {
        const seat = { socketId: `${at}-${made++}`, userId: `user-${pick(8)}` };
        clients.set(seat.socketId, seat);
        if (!(await ledger.takeSeat(seat)).taken) clients.delete(seat.socketId);
      } else if (action < 5) {
        const gone = [...clients.values()][pick(30)];
        clients.delete(gone?.socketId ?? "");
        if (gone !== undefined) await ledger.releaseSeat(gone);
      } else if (action < 7) await ledger.enterRoom(entry);
      else if (action < 9) await ledger.leaveRoom(entry);
      else {
        // Sweep in a new turn of the event loop, as the gateway's timer does. By then, all earlier answers of Redis
        // were processed.
        await new Promise(setImmediate);
        corrected.push((await ledger.sweep({ seats: [...clients.values()] })).corrected);
      }
    }
  };
  await Promise.all(nodes.flatMap((_, at) => Array.from({ length: 5 }, () => live(at))));
  expect(corrected.length).toBeGreaterThan(30);
  expect(new Set(corrected)).toEqual(new Set([0]));
  const swept = await Promise.all(nodes.map((ledger, at) => ledger.sweep({ seats: [...(here[at]?.values() ?? [])] })));
  expect(swept).toEqual(nodes.map(() => ({ corrected: 0 })));
});
