import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { idle, ManualClock } from "../../test/kube/manual-clock.ts";
import type { Clock } from "./clock.ts";
import { LeaseElection } from "./lease-election.ts";
import type { LeaseRecord, LeaseStore } from "./lease-store.ts";

/** One lease, kept as an API server keeps it: a write with another version than what stands is refused. */
class Store {
  record: LeaseRecord | undefined;
  #version = 0;
  /** Judges each request by who asks: "late" takes effect and is never answered. */
  fate: (who: string, what: "read" | "write") => "works" | "fails" | "hangs" | "late" = () => "works";

  for(who: string): LeaseStore {
    return {
      read: (signal) => this.#answer(who, "read", signal, () => this.record),
      write: (record, signal) =>
        this.#answer(who, "write", signal, () => {
          if (record.version !== this.record?.version) return undefined;
          return (this.record = { ...record, version: String(++this.#version) });
        }),
    };
  }

  async #answer<T>(who: string, what: "read" | "write", signal: AbortSignal, effect: () => T): Promise<T> {
    const fate = this.fate(who, what);
    if (fate === "fails") throw new Error("the API server is away");
    const result = fate === "hangs" ? undefined : effect();
    if (fate === "works") return result as T;
    return new Promise((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
  }
}

/** A clock that reads another time than the rest of the world; its timers are right. */
function skewed(clock: Clock, byMs: () => number): Clock {
  return { now: () => clock.now() + byMs(), wait: (ms, signal) => clock.wait(ms, signal) };
}

function contender(identity: string, store: Store, clock: Clock, random = 0) {
  const stop = new AbortController();
  const state = { isLeading: false, terms: 0, troubles: 0 };
  const election = new LeaseElection({
    store: store.for(identity),
    identity,
    clock,
    random: () => random,
    onTrouble: () => state.troubles++,
  });
  const lead = async (signal: AbortSignal) => {
    state.isLeading = true;
    state.terms++;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    state.isLeading = false;
  };
  const ended = (async () => {
    while (!stop.signal.aborted) await election.run(lead, stop.signal);
  })();
  return { state, stop: () => (stop.abort(), ended) };
}

const lease: LeaseRecord = {
  holder: "other",
  durationSeconds: 15,
  acquiredMs: 0,
  renewedMs: 0,
  transitions: 3,
  version: "0",
};

test("the first one leads at once, renews without reading, and gives the lease back when it stops", async () => {
  const [clock, store] = [new ManualClock(), new Store()];
  const asked: string[] = [];
  store.fate = (_who, what) => (asked.push(what), "works");
  const a = contender("a", store, clock);
  await clock.advance(6_000);
  expect({ ...a.state, asked, holder: store.record?.holder }).toEqual({
    isLeading: true,
    terms: 1,
    troubles: 0,
    asked: ["read", "write", "write", "write", "write"],
    holder: "a",
  });
  await a.stop();
  expect(store.record).toMatchObject({ holder: "", transitions: 0 });
});

test("after a clean stop the next one leads within one try", async () => {
  const [clock, store] = [new ManualClock(), new Store()];
  const a = contender("a", store, clock);
  await idle();
  const b = contender("b", store, clock);
  await clock.advance(10_000);
  expect([a.state.isLeading, b.state.isLeading]).toEqual([true, false]);
  await a.stop();
  await clock.advance(2_000);
  expect({ isLeading: b.state.isLeading, transitions: store.record?.transitions }).toEqual({
    isLeading: true,
    transitions: 1,
  });
  await b.stop();
});

test("a leader that crashed is waited out, and not longer", async () => {
  const [clock, store] = [new ManualClock(), new Store()];
  store.record = lease;
  const b = contender("b", store, clock);
  await clock.advance(14_900);
  expect(b.state.isLeading).toBe(false);
  await clock.advance(2_100);
  expect({ isLeading: b.state.isLeading, transitions: store.record.transitions }).toEqual({
    isLeading: true,
    transitions: 4,
  });
  await b.stop();
});

test.each([
  { when: "years ago by our clock", renewedMs: 0 },
  { when: "years ahead by our clock", renewedMs: 4e12 },
])("a lease renewed $when is waited for like any other: foreign clocks are not believed", async ({ renewedMs }) => {
  const [clock, store] = [new ManualClock(), new Store()];
  store.record = { ...lease, renewedMs };
  const b = contender("b", store, clock);
  await clock.advance(14_900);
  expect(b.state.isLeading).toBe(false);
  await clock.advance(2_100);
  expect(b.state.isLeading).toBe(true);
  await b.stop();
});

test("a lease that claims to last for years is waited for an hour", async () => {
  const [clock, store] = [new ManualClock(), new Store()];
  store.record = { ...lease, durationSeconds: 1e9 };
  const b = contender("b", store, clock);
  await clock.advance(3_590_000);
  expect(b.state.isLeading).toBe(false);
  await clock.advance(12_000);
  expect(b.state.isLeading).toBe(true);
  await b.stop();
});

test("a lease that a former life of ours left is taken over at once, and is no transition", async () => {
  const [clock, store] = [new ManualClock(), new Store()];
  store.record = { ...lease, holder: "a" };
  const a = contender("a", store, clock);
  await idle();
  expect({ isLeading: a.state.isLeading, transitions: store.record.transitions }).toEqual({
    isLeading: true,
    transitions: 3,
  });
  await a.stop();
});

test("two processes of one name do not lead at once for longer than it takes to see it, and do not take turns", async () => {
  const [clock, store] = [new ManualClock(), new Store()];
  const first = contender("same", store, clock);
  await clock.advance(5_000);
  const second = contender("same", store, clock);
  await clock.advance(2_000);
  expect([first.state.isLeading, second.state.isLeading]).toEqual([false, true]);
  await clock.advance(120_000);
  expect([first.state.isLeading, second.state.terms]).toEqual([false, 1]);
  await Promise.all([first.stop(), second.stop()]);
});

test("who lost the race for a free lease waits like everybody", async () => {
  const [clock, store] = [new ManualClock(), new Store()];
  const [a, b] = [contender("a", store, clock), contender("b", store, clock)];
  await clock.advance(60_000);
  expect([a.state, b.state].map(({ isLeading }) => isLeading).sort()).toEqual([false, true]);
  await Promise.all([a.stop(), b.stop()]);
});

describe("when the store fails", () => {
  test("a leader goes on through a short outage", async () => {
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
    "a leader whose renewals end in %s gives up before anybody else may begin",
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

  test("a renewal that took effect without an answer is found to be ours", async () => {
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

  test("a stop in the middle of a renewal gives the lease back all the same, within two seconds", async () => {
    const [clock, store] = [new ManualClock(), new Store()];
    const a = contender("a", store, clock);
    await idle();
    store.fate = () => "late";
    await clock.advance(2_500);
    store.fate = () => "works";
    await a.stop();
    expect(store.record?.holder).toBe("");
  });

  test("a stop does not wait for a store that hangs", async () => {
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

test("whoever's clock is set to whatever, and whatever fails, two never lead at once", async () => {
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
      // One may be giving its lease back to a store that hung when it began.
      await clock.advance(2_000);
      await stopped;
      expect(both).toBe(0);
    }),
    { numRuns: 200 },
  );
}, 30_000);
