import { afterEach, describe, expect, test } from "@jest/globals";
import type { Ledger, RevocationTarget } from "../../src/ledger/ledger.ts";
import type { Limits } from "../../src/protocol/limits.ts";

/** Makes a new ledger for each test. It is exact from the start. */
export type MakeLedger = (limits: Limits) => Promise<Ledger>;

export const someLimits: Limits = {
  maxConnections: 5,
  maxConnectionsPerUser: 2,
  maxRoomsPerUser: 3,
  maxEventsPerMinute: 20,
  maxMessageBytes: 1000,
  maxConnectionsPerAddress: 4,
  maxQueuedBytes: 1000,
};

const seat = (socketId: string, userId = `user of ${socketId}`) => ({ socketId, userId });
const entry = (room: string, socketId = "s1", userId = "ann", namespace = "/messaging") => ({
  socketId,
  userId,
  namespace,
  room,
});

/** Behaviour that the memory ledger and the Redis ledger share. */
export function ledgerSuite(make: MakeLedger): void {
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

    test("refuses everybody at the cluster's limit", async () => {
      await begin();
      expect(await take(...["1", "2", "3", "4", "5", "6"].map((id) => seat(id)))).toEqual([
        ...Array<string>(5).fill("taken"),
        "global",
      ]);
      expect(ledger.seatLikely()).toBe(false);
    });

    test("gives a released seat to another", async () => {
      await begin({ maxConnections: 1 });
      expect(await take(seat("1"), seat("2"))).toEqual(["taken", "global"]);
      await ledger.releaseSeat(seat("1"));
      expect(ledger.seatLikely()).toBe(true);
      expect(await take(seat("2"))).toEqual(["taken"]);
    });

    test("counts a socket once when it asks and releases several times", async () => {
      await begin();
      expect(await take(seat("1"), seat("1"), seat("1"))).toEqual(["taken", "taken", "taken"]);
      await ledger.releaseSeat(seat("1"));
      await ledger.releaseSeat(seat("1"));
      expect(ledger.state().connections).toBe(0);
    });

    test("changes nothing when a seat that nobody holds is released", async () => {
      await begin();
      await take(seat("1"));
      await ledger.releaseSeat(seat("stranger"));
      expect(ledger.state().connections).toBe(1);
    });

    test("applies new limits to newcomers only", async () => {
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

    test("counts one entry, and says so, when a socket enters twice", async () => {
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

  describe("events", () => {
    const spend = async (user: string, times: number) => {
      let allowed = 0;
      for (let index = 0; index < times; index += 1)
        if ((await ledger.takeEvent(user, Date.now())).allowed) allowed += 1;
      return allowed;
    };

    test("grants exactly the limit in a window, and answers how long to wait", async () => {
      await begin();
      expect(await spend("ann", 30)).toBe(20);
      const refused = await ledger.takeEvent("ann", Date.now());
      expect(refused).toEqual({ allowed: false, retryAfterMs: expect.any(Number) });
      expect(refused.allowed ? 0 : refused.retryAfterMs).toBeGreaterThan(0);
      expect(refused.allowed ? 0 : refused.retryAfterMs).toBeLessThanOrEqual(60_000);
      expect(await spend("bob", 1)).toBe(1);
    });

    test("grants exactly the limit to many requests at once", async () => {
      await begin();
      const answers = await Promise.all(Array.from({ length: 50 }, async () => ledger.takeEvent("ann", Date.now())));
      expect(answers.filter(({ allowed }) => allowed)).toHaveLength(20);
    });

    test("grants more within the window when the limit is raised", async () => {
      await begin();
      await spend("ann", 30);
      ledger.setLimits({ ...someLimits, maxEventsPerMinute: 25 });
      expect(await spend("ann", 30)).toBe(5);
    });
  });

  test("grants an address its handshakes, and answers how long to wait", async () => {
    await begin();
    const answers = await Promise.all(Array.from({ length: 6 }, async () => ledger.admitAddress("192.0.2.1")));
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(4);
    const refused = await ledger.admitAddress("192.0.2.1");
    expect(refused.allowed ? 0 : refused.retryAfterMs).toBeGreaterThan(0);
    expect(refused.allowed ? 0 : refused.retryAfterMs).toBeLessThanOrEqual(15 * 60_000);
    expect(await ledger.admitAddress("192.0.2.2")).toEqual({ allowed: true });
  });

  test("an address gets a handshake back for each credit, also for those of an earlier window", async () => {
    await begin();
    const admitted = async (count: number): Promise<number> => {
      let allowed = 0;
      for (let left = count; left > 0; left -= 1) if ((await ledger.admitAddress("192.0.2.1")).allowed) allowed += 1;
      return allowed;
    };
    for (let left = 2; left > 0; left -= 1) await ledger.creditAddress("192.0.2.1");
    expect(await admitted(8)).toBe(6);
    expect(ledger.addressRefusal("192.0.2.1")).toEqual({ retryAfterMs: expect.any(Number) });
    await ledger.creditAddress("192.0.2.1");
    expect(ledger.addressRefusal("192.0.2.1")).toBeUndefined();
    expect(await admitted(8)).toBe(1);
    expect(ledger.addressRefusal("192.0.2.2")).toBeUndefined();
  });

  test("adds up what drains have to move, and subtracts tokens taken", async () => {
    await begin();
    ledger.setDrainRate(20);
    await ledger.announceDrain(5);
    expect(await ledger.announceDrain(3)).toEqual({ connectionsLeft: 8 });
    await ledger.takeDrainTokens(2);
    expect(await ledger.announceDrain(0)).toEqual({ connectionsLeft: 6 });
    expect(await ledger.announceDrain(-9)).toEqual({ connectionsLeft: 0 });
  });

  test("grants what the drain bucket has, and answers when there is more", async () => {
    await begin();
    ledger.setDrainRate(20);
    expect(await ledger.takeDrainTokens(50)).toMatchObject({ granted: 2 });
    const empty = await ledger.takeDrainTokens(0);
    expect(empty.granted).toBe(0);
    expect(empty.nextAfterMs).toBeLessThanOrEqual(50);
  });

  describe("revocations", () => {
    const future = () => Date.now() + 60_000;
    const identity = (tokenId: string, issuedAtMs = Date.now() - 10_000) => ({ userId: "ann", tokenId, issuedAtMs });

    test("covers the revoked token and no other", async () => {
      await begin();
      await ledger.revoke({ tokenId: "t1" }, future());
      expect(ledger.isRevoked(identity("t1"))).toBe(true);
      expect(ledger.isRevoked(identity("t2"))).toBe(false);
    });

    test("covers a user's tokens of before, not those issued afterwards", async () => {
      await begin();
      await ledger.revoke({ userId: "ann" }, future());
      expect(ledger.isRevoked(identity("t1"))).toBe(true);
      expect(ledger.isRevoked(identity("t1", Date.now() + 1000))).toBe(false);
      expect(ledger.isRevoked({ userId: "bob", issuedAtMs: 0 })).toBe(false);
    });

    test("does nothing when it is over already", async () => {
      await begin();
      await ledger.revoke({ tokenId: "t1" }, Date.now() - 1);
      expect(ledger.isRevoked(identity("t1"))).toBe(false);
    });

    test("is kept when it has no end", async () => {
      await begin();
      await ledger.revoke({ tokenId: "t1" }, Infinity);
      expect(ledger.isRevoked(identity("t1"))).toBe(true);
    });

    test("calls listeners once for each", async () => {
      await begin();
      const heard: RevocationTarget[] = [];
      ledger.onRevoked((target) => heard.push(target));
      await ledger.revoke({ tokenId: "t1" }, future());
      await ledger.revoke({ userId: "ann" }, future());
      expect(heard).toEqual([{ tokenId: "t1" }, { userId: "ann" }]);
    });
  });

  test("claims a key once", async () => {
    await begin();
    expect(
      await Promise.all([
        ledger.claimOnce("k1", 60_000),
        ledger.claimOnce("k1", 60_000),
        ledger.claimOnce("k2", 60_000),
      ]),
    ).toEqual(["claimed", "used", "claimed"]);
  });

  test("a client's message is claimed once, and is another key than a back end's", async () => {
    await begin();
    const claims = ["k1", "k1", "k2"].map((id) => ledger.claimMessage(id, 60_000));
    expect(await Promise.all(claims)).toEqual(["claimed", "used", "claimed"]);
    expect(await ledger.claimOnce("k1", 60_000)).toBe("claimed");
  });

  describe("the sweep", () => {
    test("corrects nothing when the ledger is right", async () => {
      await begin();
      await take(seat("1"), seat("2"));
      await enter(entry("a"), entry("a", "s2"), entry("b"));
      expect(await ledger.sweep({ seats: [seat("1"), seat("2")] })).toEqual({ corrected: 0 });
    });

    test("frees seats that nobody holds, and counts those that somebody holds", async () => {
      await begin({ maxConnections: 2 });
      await take(seat("gone"), seat("1"));
      expect(await ledger.sweep({ seats: [seat("1"), seat("uncounted")] })).toEqual({ corrected: 2 });
      expect(await take(seat("3"))).toEqual(["global"]);
      await ledger.releaseSeat(seat("uncounted"));
      expect(await take(seat("3"))).toEqual(["taken"]);
    });
  });
}
