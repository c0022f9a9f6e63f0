import { afterEach, describe, expect, test } from "@jest/globals";
import type { Ledger, RevocationTarget } from "../../src/ledger/ledger.ts";
import type { Limits } from "../../src/protocol/limits.ts";
import { someLimits, type MakeLedger } from "./some-limits.ts";

/**
 * Tests of rates, drain tokens, revocations and idempotency keys. They run on the ledger in memory and on the one in
 * Redis.
 */
export function rateSuite(make: MakeLedger): void {
  let ledger: Ledger;
  const begin = async (limits: Partial<Limits> = {}) => (ledger = await make({ ...someLimits, ...limits }));
  afterEach(() => ledger.close());

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

  test("grants the tokens of the drain bucket, and answers when it has more", async () => {
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

    test("covers a user's tokens that were issued before it, and not those issued after it", async () => {
      await begin();
      await ledger.revoke({ userId: "ann" }, future());
      expect(ledger.isRevoked(identity("t1"))).toBe(true);
      expect(ledger.isRevoked(identity("t1", Date.now() + 1000))).toBe(false);
      expect(ledger.isRevoked({ userId: "bob", issuedAtMs: 0 })).toBe(false);
    });

    test("says that a token of about the same time can be newer than the revocation of its user", async () => {
      await begin();
      await ledger.revoke({ userId: "ann" }, future());
      const issued = [Date.now() - 1_000, Date.now() - 10_000].map((atMs) => identity("t1", atMs));
      expect(issued.map((token) => ledger.isRevocationDoubtful(token))).toEqual([true, false]);
      await ledger.revoke({ tokenId: "t1" }, future());
      expect(issued.map((token) => ledger.isRevocationDoubtful(token))).toEqual([false, false]);
    });

    test("does nothing when it has ended already", async () => {
      await begin();
      await ledger.revoke({ tokenId: "t1" }, Date.now() - 1);
      expect(ledger.isRevoked(identity("t1"))).toBe(false);
    });

    test("is kept when it has no end", async () => {
      await begin();
      await ledger.revoke({ tokenId: "t1" }, Infinity);
      expect(ledger.isRevoked(identity("t1"))).toBe(true);
    });

    test("calls listeners once for each revocation", async () => {
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

  test("claims a client's message once, and separately from a back end's key", async () => {
    await begin();
    const claims = ["k1", "k1", "k2"].map((id) => ledger.claimMessage(id, 60_000));
    expect(await Promise.all(claims)).toEqual(["claimed", "used", "claimed"]);
    expect(await ledger.claimOnce("k1", 60_000)).toBe("claimed");
  });
}
