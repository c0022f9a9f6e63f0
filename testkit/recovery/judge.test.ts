import { expect, test } from "@jest/globals";
import type { History, Observation, Observed, Publication } from "./history.ts";
import { judge } from "./judge.ts";

const sent = (...ks: number[]): Publication[] =>
  ks.map((k) => ({ publisher: "p", room: "r", k, sentAt: 10 * k, answeredAt: 10 * k + 2, outcome: "stored" }));
const connected = (isRecovered = false, more: Partial<Observed<"connected">> = {}): Observed<"connected"> => ({
  ...{ type: "connected", at: 1, isRecovered, socketId: "s1", lostRooms: [] },
  ...more,
});
const asked = (to: "join" | "leave", at: number): Observation => ({ type: "asked", at, to, room: "r" });
const answered = (to: "join" | "leave", at: number): Observation => ({ type: "answered", at, to, room: "r" });
const joined = (at: number): Observation[] => [asked("join", at), answered("join", at + 1)];
const left = (at: number): Observation[] => [asked("leave", at), answered("leave", at + 1)];
const got = (...ks: number[]): Observation[] =>
  ks.map((k) => ({ type: "received", at: 10 * k + 1, room: "r", publisher: "p", k }));
const outage = (from: number, to: number): Pick<History, "outages"> => ({ outages: [{ from, to }] });
const sighted = (what: "user_joined" | "user_left", at: number): Observation => ({
  ...{ type: "sighted", at, what, room: "r", socketId: "s1" },
});

interface Case extends Partial<History> {
  when: string;
  saw: Observation[];
  want: string[];
}

const start = [connected(), ...joined(3)];
const unrecovered = connected(false, { at: 12, socketId: "s2" });

const cases: Case[] = [
  { when: "everything arrives", publications: sent(1, 2, 3), saw: [...start, ...got(1, 2, 3)], want: [] },
  {
    when: "one is missing in the middle",
    publications: sent(1, 2, 3),
    saw: [...start, ...got(1, 3)],
    want: ["lost 2"],
  },
  { when: "the last is missing", publications: sent(1, 2, 3), saw: [...start, ...got(1, 2)], want: ["lost 3"] },
  { when: "nothing arrives", publications: sent(1), saw: start, want: ["lost 1"] },
  { when: "one comes twice", publications: sent(1, 2), saw: [...start, ...got(1, 2, 1)], want: ["doubled 1"] },
  { when: "two change places", publications: sent(1, 2), saw: [...start, ...got(2, 1)], want: ["disordered 1"] },
  {
    when: "a message whose sender got no answer comes late",
    publications: sent(1, 2).map((one) => (one.k === 1 ? { ...one, outcome: "unknown" } : one)),
    saw: [...start, ...got(2, 1)],
    want: [],
  },
  {
    when: "one is lost over a reconnect that is recovered",
    publications: sent(1, 2, 3),
    saw: [...start, ...got(1), connected(true), ...got(3)],
    want: ["lost 2"],
  },
  {
    when: "one is lost while Redis is away, and its gateway lives",
    publications: sent(1, 2, 3).map((one) => (one.k === 2 ? { ...one, outcome: "delivered" } : one)),
    saw: [...start, ...got(1, 3)],
    want: ["lost 2"],
  },
  {
    when: "the reconnect in an outage is not recovered",
    publications: sent(1, 2, 3),
    ...outage(11, 20),
    saw: [...start, ...got(1), unrecovered, ...joined(25), ...got(3)],
    want: [],
  },
  {
    when: "a reconnect without an outage is not recovered",
    saw: [...start, unrecovered],
    want: ["unrecovered 0"],
  },
  {
    when: "a message comes again after a reconnect that is not recovered",
    publications: sent(1, 2),
    ...outage(11, 30),
    saw: [...start, ...got(1), unrecovered, ...joined(15), ...got(1, 2)],
    want: ["doubled 1"],
  },
  {
    when: "a message comes again after a reconnect that is recovered",
    publications: sent(1, 2),
    saw: [...start, ...got(1), connected(true), ...got(1, 2)],
    want: ["doubled 1"],
  },
  {
    when: "the room is among the rooms that a reconnect lost",
    publications: sent(1, 2),
    saw: [...start, ...got(1), connected(true, { lostRooms: ["r"] })],
    want: [],
  },
  {
    when: "a message of a lost room comes",
    publications: sent(1, 2),
    saw: [...start, ...got(1), connected(true, { lostRooms: ["r"] }), ...got(2)],
    want: ["foreign 2"],
  },
  {
    when: "a message was sent before the client joined",
    publications: sent(1, 2),
    saw: [connected(), ...joined(15), ...got(2)],
    want: [],
  },
  {
    when: "a message from before the client joined comes",
    publications: sent(1, 2),
    saw: [connected(), ...joined(15), ...got(1, 2)],
    want: ["foreign 1"],
  },
  {
    when: "a message from before the client joined comes late, after an outage",
    publications: sent(1, 2),
    ...outage(9, 19),
    saw: [connected(), ...joined(15), ...got(1, 2)],
    want: [],
  },
  { when: "its sender got no answer", publications: [{ ...sent(1)[0]!, outcome: "unknown" }], saw: start, want: [] },
  { when: "the client has left the room", publications: sent(1, 2), saw: [...start, ...got(1), ...left(13)], want: [] },
  {
    when: "a message comes after the client has left the room",
    publications: sent(1, 2),
    saw: [...start, ...got(1), ...left(13), ...got(2)],
    want: ["foreign 2"],
  },
  {
    when: "a message comes after the client asked to leave and was cut before the answer",
    publications: sent(1, 2),
    saw: [...start, ...got(1), asked("leave", 13), connected(true), ...got(2)],
    want: [],
  },
  {
    when: "a message from between leaving and joining again comes",
    publications: sent(1, 2, 3),
    saw: [...start, ...got(1), ...left(13), ...joined(25), ...got(2, 3)],
    want: ["foreign 2"],
  },
  {
    when: "a member is refused",
    saw: [...start, { type: "refused", at: 9, room: "r", code: "NOT_IN_ROOM" }],
    want: ["refused 0"],
  },
];

test.each(cases)("finds $want when $when", ({ publications = [], outages = [], saw, want }) => {
  const { faults } = judge({ publications, outages, clients: new Map([["ada", saw]]) });
  expect(faults.map(({ kind, k }) => `${kind} ${k}`)).toEqual(want);
});

interface Sighting {
  when: string;
  ada: Observation[];
  bob: Observation[];
  want: string[];
}

const sightings: Sighting[] = [
  {
    when: "a member that is recovered is announced to have left and joined",
    ada: [...start, connected(true)],
    bob: [sighted("user_joined", 5), sighted("user_left", 7), sighted("user_joined", 8)],
    want: ["user_left s1", "user_joined s1"],
  },
  {
    when: "a member leaves and joins again",
    ada: [...start, ...left(6), ...joined(8)],
    bob: [sighted("user_joined", 5), sighted("user_left", 7), sighted("user_joined", 9)],
    want: [],
  },
  {
    when: "the session of a member that was not recovered ends",
    ada: [...start, { ...unrecovered, at: 6 }],
    bob: [sighted("user_joined", 5), sighted("user_left", 7)],
    want: [],
  },
  {
    when: "a member is announced to have left twice",
    ada: [...start, ...left(6)],
    bob: [sighted("user_left", 7), sighted("user_left", 8)],
    want: ["user_left s1"],
  },
];

test.each(sightings)("finds the announcements $want when $when", ({ ada, bob, want }) => {
  const { faults } = judge({
    ...{ publications: [], ...outage(0, 100) },
    clients: new Map([
      ["ada", ada],
      ["bob", bob],
    ]),
  });
  expect(faults.map(({ publisher }) => publisher)).toEqual(want);
});

test("counts recoveries and reconnects that are not recovered, and not the first connection", () => {
  const saw = [connected(), connected(true), connected(true), connected()];
  const { recoveries, fresh, judged } = judge({ publications: [], ...outage(0, 2), clients: new Map([["ada", saw]]) });
  expect({ recoveries, fresh, judged }).toEqual({ recoveries: 2, fresh: 1, judged: 0 });
});
