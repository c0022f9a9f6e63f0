import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { idle, ManualClock } from "../../test/kube/manual-clock.ts";
import { Store, skewed, contender } from "../../test/engine/contenders.ts";

describe("when the store fails", () => {
  test("a leader continues through a short outage", async () => {
    const [clock, store] = [new ManualClock(), new Store()];
    const a = contender("a", store, clock);
    await idle();
    store.fate = () => "fails";
    await clock.advance(7_000);
    store.fate = () => "works";
    await clock.advance(4_000);
    expect(a.state).toMatchObject({ isLeading: true, terms: 1 });
    await a.stop();
  });

  test.each(["fails", "hangs", "late"] as const)(
    "a leader whose renewals end in %s stops before another process may lead",
    async (fate) => {
      const [clock, store] = [new ManualClock(), new Store()];
      const a = contender("a", store, clock);
      await idle();
      const b = contender("b", store, clock);
      await clock.advance(7_000);
      store.fate = (who) => (who === "a" ? fate : "works");
      for (let passed = 0; passed < 40_000; passed += 100) {
        await clock.advance(100);
        expect([a.state.isLeading, b.state.isLeading]).not.toEqual([true, true]);
      }
      expect({ aLeads: a.state.isLeading, bLeads: b.state.isLeading }).toEqual({ aLeads: false, bLeads: true });
      store.fate = () => "works";
      await Promise.all([a.stop(), b.stop()]);
    },
  );

  test("a renewal that took effect without an answer is recognised as ours", async () => {
    const [clock, store] = [new ManualClock(), new Store()];
    const a = contender("a", store, clock);
    await idle();
    store.fate = () => "late";
    await clock.advance(3_000);
    store.fate = () => "works";
    await clock.advance(20_000);
    expect(a.state).toMatchObject({ isLeading: true, terms: 1 });
    await a.stop();
  });

  test("a stop during a renewal gives the lease back within two seconds", async () => {
    const [clock, store] = [new ManualClock(), new Store()];
    const a = contender("a", store, clock);
    await idle();
    store.fate = () => "late";
    await clock.advance(2_500);
    store.fate = () => "works";
    await a.stop();
    expect(store.record?.holder).toBe("");
  });

  test("a stop does not wait when the store hangs", async () => {
    const [clock, store] = [new ManualClock(), new Store()];
    const a = contender("a", store, clock);
    await idle();
    store.fate = () => "hangs";
    await clock.advance(2_500);
    const stopped = a.stop();
    await clock.advance(2_000);
    await stopped;
    expect(a.state.isLeading).toBe(false);
  });
});

test("two processes never lead at once, for any clock errors and store failures", async () => {
  const fates = fc.constantFrom(
    "works" as const,
    "works" as const,
    "fails" as const,
    "hangs" as const,
    "late" as const,
  );
  const step = fc.record({
    a: fates,
    b: fates,
    skewA: fc.integer({ min: -1e7, max: 1e7 }),
    skewB: fc.integer({ min: -1e7, max: 1e7 }),
    passMs: fc.integer({ min: 100, max: 20_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const [clock, store] = [new ManualClock(), new Store()];
      const skew = { a: 0, b: 0 };
      let both = 0;
      const contenders = [
        contender(
          "a",
          store,
          skewed(clock, () => skew.a),
          0.3,
        ),
        contender(
          "b",
          store,
          skewed(clock, () => skew.b),
          0.7,
        ),
      ] as const;
      for (const { a, b, skewA, skewB, passMs } of steps) {
        Object.assign(skew, { a: skewA, b: skewB });
        store.fate = (who) => (who === "a" ? a : b);
        for (let passed = 0; passed < passMs; passed += 1_000) {
          await clock.advance(1_000);
          if (contenders.every(({ state }) => state.isLeading)) both++;
        }
      }
      store.fate = () => "works";
      const stopped = Promise.all(contenders.map(({ stop }) => stop()));
      // When the store hung, a process may have been sending the request that gives its lease back. This request ends
      // within two seconds.
      await clock.advance(2_000);
      await stopped;
      expect(both).toBe(0);
    }),
    { numRuns: 200 },
  );
}, 30_000);
