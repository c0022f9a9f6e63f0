import { expect, test } from "@jest/globals";
import { idle, ManualClock } from "../../test/kube/manual-clock.ts";
import type { LeaseRecord } from "./lease-store.ts";
import { Store, contender } from "../../test/engine/contenders.ts";

const lease: LeaseRecord = {
  holder: "other",
  durationSeconds: 15,
  acquiredMs: 0,
  renewedMs: 0,
  transitions: 3,
  version: "0",
};

test("the first process leads at once, renews without reading, and gives the lease back when it stops", async () => {
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

test("the next process leads within one try after a clean stop", async () => {
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

test("a new leader waits exactly until the lease of a crashed one expires", async () => {
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
])("a lease renewed $when is waited for like any other: foreign clocks are not trusted", async ({ renewedMs }) => {
  const [clock, store] = [new ManualClock(), new Store()];
  store.record = { ...lease, renewedMs };
  const b = contender("b", store, clock);
  await clock.advance(14_900);
  expect(b.state.isLeading).toBe(false);
  await clock.advance(2_100);
  expect(b.state.isLeading).toBe(true);
  await b.stop();
});

test("waits an hour for a lease that claims to last for years", async () => {
  const [clock, store] = [new ManualClock(), new Store()];
  store.record = { ...lease, durationSeconds: 1e9 };
  const b = contender("b", store, clock);
  await clock.advance(3_590_000);
  expect(b.state.isLeading).toBe(false);
  await clock.advance(12_000);
  expect(b.state.isLeading).toBe(true);
  await b.stop();
});

test("takes over its own lease at once after a restart, and counts no transition", async () => {
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

test("two processes with one name stop leading together once one notices, and do not take turns", async () => {
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

test("a process that lost the race for a free lease waits until it expires", async () => {
  const [clock, store] = [new ManualClock(), new Store()];
  const [a, b] = [contender("a", store, clock), contender("b", store, clock)];
  await clock.advance(60_000);
  expect([a.state, b.state].map(({ isLeading }) => isLeading).sort()).toEqual([false, true]);
  await Promise.all([a.stop(), b.stop()]);
});
