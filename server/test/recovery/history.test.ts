import { expect, test } from "@jest/globals";
import { judge, type Observation, type Publication } from "./history.ts";

const sent = (...ks: number[]): Publication[] =>
  ks.map((k) => ({ publisher: "p", room: "r", k, sentAt: 10 * k, outcome: "stored" }));
const joined: Observation = { type: "joined", at: 5, room: "r" };
const connected = (isRecovered: boolean, lostRooms: string[] = []): Observation => ({
  ...{ type: "connected", at: 0 },
  ...{ isRecovered, lostRooms },
});
const got = (...ks: number[]): Observation[] =>
  ks.map((k) => ({ type: "received", at: 10 * k + 1, room: "r", publisher: "p", k }));

interface Case {
  when: string;
  publications: Publication[];
  saw: Observation[];
  want: string[];
}

const cases: Case[] = [
  { when: "everything arrives", publications: sent(1, 2, 3), saw: [joined, ...got(1, 2, 3)], want: [] },
  { when: "one is missing in the middle", publications: sent(1, 2, 3), saw: [joined, ...got(1, 3)], want: ["lost 2"] },
  { when: "the last is missing", publications: sent(1, 2, 3), saw: [joined, ...got(1, 2)], want: ["lost 3"] },
  { when: "nothing arrives at all", publications: sent(1), saw: [joined], want: ["lost 1"] },
  {
    when: "one comes twice",
    publications: sent(1, 2),
    saw: [joined, ...got(1, 2, 1)],
    want: ["doubled 1", "disordered 1"],
  },
  { when: "two change places", publications: sent(1, 2), saw: [joined, ...got(2, 1)], want: ["disordered 1"] },
  {
    when: "one is lost over a reconnect that says recovered",
    publications: sent(1, 2, 3),
    saw: [connected(false), joined, ...got(1), connected(true), ...got(3)],
    want: ["lost 2"],
  },
  {
    when: "the reconnect says that it is not recovered",
    publications: sent(1, 2, 3),
    saw: [connected(false), joined, ...got(1), connected(false), { ...joined, at: 25 }, ...got(3)],
    want: [],
  },
  {
    when: "one comes again after a reconnect that is not recovered: its new gateway may have got it late",
    publications: sent(1, 2),
    saw: [connected(false), joined, ...got(1), connected(false), { ...joined, at: 15 }, ...got(1, 2)],
    want: [],
  },
  {
    when: "one comes again after a reconnect that is recovered",
    publications: sent(1, 2),
    saw: [connected(false), joined, ...got(1), connected(true), ...got(1, 2)],
    want: ["doubled 1"],
  },
  {
    when: "the room is among the lost ones",
    publications: sent(1, 2),
    saw: [connected(false), joined, ...got(1), connected(true, ["r"])],
    want: [],
  },
  {
    when: "it was sent before the client joined",
    publications: sent(1, 2),
    saw: [{ ...joined, at: 15 }, ...got(2)],
    want: [],
  },
  {
    when: "its sender never got an answer",
    publications: sent(1, 2).map((one) => (one.k === 1 ? { ...one, outcome: "unknown" } : one)),
    saw: [joined, ...got(2)],
    want: [],
  },
  {
    when: "the client has left the room",
    publications: sent(1, 2),
    saw: [joined, ...got(1), { type: "left", at: 12, room: "r" }],
    want: [],
  },
];

test.each(cases)("finds $want when $when", ({ publications, saw, want }) => {
  const { faults } = judge({ publications, clients: new Map([["ada", saw]]) });
  expect(faults.map(({ kind, k }) => `${kind} ${k}`)).toEqual(want);
});

test("counts recoveries and fresh starts when clients reconnect, and not the first connection", () => {
  const saw = [connected(false), connected(true), connected(true), connected(false)];
  expect(judge({ publications: [], clients: new Map([["ada", saw]]) })).toEqual({
    faults: [],
    recoveries: 2,
    fresh: 1,
    judged: 0,
  });
});
