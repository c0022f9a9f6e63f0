import { afterEach, describe, expect, test } from "@jest/globals";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Limits } from "../../src/protocol/limits.ts";
import { rateSuite } from "./rates.suite.ts";
import { someLimits, type MakeLedger } from "./some-limits.ts";

const seat = (socketId: string, userId = `user of ${socketId}`) => ({ socketId, userId });
const entry = (room: string, socketId = "s1", userId = "ann", namespace = "/messaging") => ({
  socketId,
  userId,
  namespace,
  room,
});

/** Tests that run on both ledgers: the one in memory and the one in Redis. */
export function ledgerSuite(make: MakeLedger): void {
  describe("seats and rooms", () => seatSuite(make));
  describe("rates, drain tokens, revocations and keys", () => rateSuite(make));
}

function seatSuite(make: MakeLedger): void {
  let ledger: Ledger;
  const begin = async (limits: Partial<Limits> = {}) => (ledger = await make({ ...someLimits, ...limits }));
  afterEach(() => ledger.close());
  const take = async (...seats: { socketId: string; userId: string }[]) => {
    const answers = [];
    for (const one of seats) answers.push(await ledger.takeSeat(one));
    return answers.map((answer) => (answer.taken ? "taken" : answer.limit));
  };
  const enter = async (...entries: ReturnType<typeof entry>[]) => {
    const answers = [];
    for (const one of entries) answers.push(await ledger.enterRoom(one));
    return answers.map((answer) => (answer.entered ? answer.participantCount : `full at ${answer.currentRoomCount}`));
  };

  describe("seats", () => {
    test("refuses a user at the user's limit, and not others", async () => {
      await begin();
      expect(await take(seat("1", "ann"), seat("2", "ann"), seat("3", "ann"), seat("4", "bob"))).toEqual([
        "taken",
        "taken",
        "user",
        "taken",
      ]);
      expect(ledger.state().connections).toBe(3);
    });

    test("refuses every user at the cluster's limit", async () => {
      await begin();
      expect(await take(...["1", "2", "3", "4", "5", "6"].map((id) => seat(id)))).toEqual([
        ...Array<string>(5).fill("taken"),
        "global",
      ]);
      expect(ledger.seatLikely()).toBe(false);
    });

    test("gives a released seat to another user", async () => {
      await begin({ maxConnections: 1 });
      expect(await take(seat("1"), seat("2"))).toEqual(["taken", "global"]);
      await ledger.releaseSeat(seat("1"));
      expect(ledger.seatLikely()).toBe(true);
      expect(await take(seat("2"))).toEqual(["taken"]);
    });

    test("counts a socket once when it takes and releases a seat several times", async () => {
      await begin();
      expect(await take(seat("1"), seat("1"), seat("1"))).toEqual(["taken", "taken", "taken"]);
      await ledger.releaseSeat(seat("1"));
      await ledger.releaseSeat(seat("1"));
      expect(ledger.state().connections).toBe(0);
    });

    test("changes nothing when a seat is released that no socket holds", async () => {
      await begin();
      await take(seat("1"));
      await ledger.releaseSeat(seat("stranger"));
      expect(ledger.state().connections).toBe(1);
    });

    test("applies new limits only to new seats", async () => {
      await begin();
      await take(seat("1"), seat("2"));
      ledger.setLimits({ ...someLimits, maxConnections: 1 });
      expect(await take(seat("3"))).toEqual(["global"]);
      expect(ledger.state().connections).toBe(2);
      ledger.setLimits({ ...someLimits, maxConnections: 3 });
      expect(await take(seat("3"))).toEqual(["taken"]);
    });

    test.each([
      ["a name with every separator", "a:b {c} s~1\u0001/*"],
      ["a name out of other scripts", "Ünïcode 名前 🦊"],
      ["the name of an object's parent", "__proto__"],
      ["half a character", "\ud83e"],
    ])("%s is a user like any other", async (_, user) => {
      await begin();
      expect(await take(seat("1", user), seat("2", user), seat("3", user))).toEqual(["taken", "taken", "user"]);
      expect(await ledger.sweep({ seats: [seat("1", user), seat("2", user)] })).toEqual({ corrected: 0 });
    });

    test("moves the seat of a user's former socket to the new one, also at the limits", async () => {
      await begin({ maxConnections: 2, maxConnectionsPerUser: 1 });
      await take(seat("old", "ann"), seat("other", "bob"));
      expect(await take(seat("new", "ann"))).toEqual(["global"]);
      expect(await ledger.takeSeat(seat("new", "ann"), "old")).toEqual({ taken: true });
      await ledger.releaseSeat(seat("old", "ann"));
      expect(ledger.state().connections).toBe(2);
      expect(await ledger.sweep({ seats: [seat("new", "ann"), seat("other", "bob")] })).toEqual({ corrected: 0 });
    });

    test.each([
      ["of another user", "other"],
      ["that was released", "gone"],
    ])("moves no seat %s", async (_, former) => {
      await begin({ maxConnections: 2 });
      await take(seat("mine", "ann"), seat("other", "bob"));
      expect(await ledger.takeSeat(seat("new", "ann"), former)).toMatchObject({ taken: false, limit: "global" });
      expect(await ledger.sweep({ seats: [seat("mine", "ann"), seat("other", "bob")] })).toEqual({ corrected: 0 });
    });

    test("holds nothing for a client that leaves while its seat is being taken", async () => {
      await begin();
      const taking = ledger.takeSeat(seat("1"));
      await Promise.all([taking, ledger.releaseSeat(seat("1"))]);
      await ledger.releaseSeat(seat("1"));
      expect(ledger.state().connections).toBe(0);
      expect((await ledger.sweep({ seats: [] })).corrected).toBe(0);
    });
  });

  describe("rooms", () => {
    test("counts a user's rooms over all sockets, each room once", async () => {
      await begin();
      expect(await enter(entry("a"), entry("b"), entry("a", "s2"), entry("c", "s2"), entry("d"))).toEqual([
        1,
        1,
        2,
        1,
        "full at 3",
      ]);
    });

    test("counts one entry, and answers with one, when a socket enters twice", async () => {
      await begin();
      expect(await ledger.enterRoom(entry("a"))).toEqual({ entered: true, participantCount: 1, first: true });
      expect(await ledger.enterRoom(entry("a"))).toEqual({ entered: true, participantCount: 1, first: false });
    });

    test("admits a user at the limit to rooms that the user is in", async () => {
      await begin({ maxRoomsPerUser: 1 });
      expect(await enter(entry("a"), entry("b"), entry("a", "s2"))).toEqual([1, "full at 1", 2]);
    });

    test("frees a room when the last of the user's sockets leaves it", async () => {
      await begin({ maxRoomsPerUser: 1 });
      await enter(entry("a"), entry("a", "s2"));
      expect(await ledger.leaveRoom(entry("a"))).toEqual({ participantCount: 1 });
      expect(await enter(entry("b"))).toEqual(["full at 1"]);
      expect(await ledger.leaveRoom(entry("a", "s2"))).toEqual({ participantCount: 0 });
      expect(await enter(entry("b"))).toEqual([1]);
    });

    test("changes nothing when a socket leaves a room that it is not in", async () => {
      await begin();
      await enter(entry("a"));
      expect(await ledger.leaveRoom(entry("a", "s9", "bob"))).toEqual({ participantCount: 1 });
    });

    test("counts sockets and names each user once, in one namespace", async () => {
      await begin();
      await enter(
        entry("a", "s1", "ann"),
        entry("a", "s2", "ann"),
        entry("a", "s3", "bob"),
        entry("a", "s4", "eve", "/events"),
      );
      const { participantCount, users } = await ledger.presence("/messaging", "a");
      expect([participantCount, [...users].sort()]).toEqual([3, ["ann", "bob"]]);
      expect(await ledger.presence("/messaging", "nowhere")).toEqual({ participantCount: 0, users: [] });
    });
  });

  describe("the sweep", () => {
    test("corrects nothing when the ledger is right", async () => {
      await begin();
      await take(seat("1"), seat("2"));
      await enter(entry("a"), entry("a", "s2"), entry("b"));
      expect(await ledger.sweep({ seats: [seat("1"), seat("2")] })).toEqual({ corrected: 0 });
    });

    test("frees seats that no socket holds, and counts seats that a socket holds", async () => {
      await begin({ maxConnections: 2 });
      await take(seat("gone"), seat("1"));
      expect(await ledger.sweep({ seats: [seat("1"), seat("uncounted")] })).toEqual({ corrected: 2 });
      expect(await take(seat("3"))).toEqual(["global"]);
      await ledger.releaseSeat(seat("uncounted"));
      expect(await take(seat("3"))).toEqual(["taken"]);
    });
  });
}
