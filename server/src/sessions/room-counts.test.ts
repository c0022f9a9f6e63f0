import { expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { RoomCounts } from "./room-counts.ts";

function counted(countOf: (room: string) => number) {
  const told: unknown[] = [];
  const failed: unknown[] = [];
  const counts = new RoomCounts({
    countOf: async (_, room) => countOf(room),
    tell: ({ room, only }, participantCount) =>
      void told.push([room, only === undefined ? "all" : [...only], participantCount]),
    onFailed: (error) => void failed.push(error),
    everyMs: 1,
  });
  const toTell = (count: number) => until("the counts", async () => told.length >= count && told, 5_000, 1);
  return { counts, told, failed, toTell };
}

test("tells all members once when a count has changed several times", async () => {
  const { counts, toTell } = counted(() => 120);
  for (let times = 0; times < 3; times += 1) counts.changed("/events", "hall");
  expect(await toTell(1)).toEqual([["hall", "all", 120]]);
});

test("tells only the clients that have returned when nothing has changed", async () => {
  const { counts, toTell } = counted(() => 120);
  for (const id of ["ada", "bob", "ada"]) counts.returned("/events", "hall", id);
  counts.returned("/events", "team", "ada");
  expect(await toTell(2)).toEqual([
    ["hall", ["ada", "bob"], 120],
    ["team", ["ada"], 120],
  ]);
});

test("tells all members once when the count has changed and a client has returned", async () => {
  const { counts, toTell } = counted(() => 120);
  counts.returned("/events", "hall", "ada");
  counts.changed("/events", "hall");
  expect(await toTell(1)).toEqual([["hall", "all", 120]]);
});

test("tells the other rooms when the count of one cannot be read", async () => {
  const { counts, failed, toTell } = counted((room) => {
    if (room === "hall") throw new Error("no answer");
    return 120;
  });
  for (const room of ["hall", "team"]) counts.changed("/events", room);
  expect(await toTell(1)).toEqual([["team", "all", 120]]);
  expect(failed).toHaveLength(1);
});

test("tells nobody when it was stopped", async () => {
  const [stopped, other] = [counted(() => 120), counted(() => 120)];
  stopped.counts.changed("/events", "hall");
  stopped.counts.stop();
  for (const { counts } of [stopped, other]) counts.returned("/events", "hall", "ada");
  await other.toTell(1);
  expect(stopped.told).toEqual([]);
});
