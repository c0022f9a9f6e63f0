import { expect, test } from "@jest/globals";
import { Delivered } from "./delivered.ts";
import { LogFollower } from "./log-follower.ts";
import type { AppendAnswer, LogInfo } from "./log-port.ts";
import type { Entry } from "./message-ring.ts";
import { missedMessages } from "./returning/missed-messages.ts";
import { parseOffset } from "./offset.ts";

const OTHER = "lmnpqrst";

/** A follower, and functions by which the test plays the role of the log. */
function followed() {
  const delivered = new Delivered("bcdfghjk", { maxBytes: 1e6, maxAgeMs: 1e6 });
  const [got, direct, lost]: [string[], number[], number[]] = [[], [], []];
  const appending: { entry: Entry; answer: (answer: AppendAnswer | undefined) => void }[] = [];
  const info: LogInfo = { era: 1, previous: 0, boundary: 0, at: new Map(), first: 1, last: 0, numbers: new Map() };
  const follower = new LogFollower({
    delivered,
    deliver: ({ origin, number }) => void got.push(`${origin} ${number}`),
    publishDirectly: ({ number }) => void direct.push(number),
    observer: { lost: (messages) => void lost.push(messages), gap: () => undefined, malformed: () => undefined },
    port: {
      attach: (done) => done(info),
      read: (_era, _from, done) => done([]),
      append: (entry, _manner, answer) => void appending.push({ entry, answer }),
    },
  });
  const content = { namespace: "/", rooms: ["r"], except: [], text: Buffer.from("text"), atMs: 0 };
  return {
    ...{ follower, delivered, got, direct, lost, appending },
    publish: () => follower.append(delivered.publish(content), "published"),
    hear: (origin: string, number: number) => follower.heardDirect({ ...content, origin, number }),
    tick: (times: number) => Array.from({ length: times }, () => follower.tick()),
  };
}

test("publishes without the log, in order, what the log had not confirmed when it was lost", () => {
  const { follower, direct, appending, publish } = followed();
  follower.up();
  for (let count = 0; count < 3; count += 1) publish();
  appending[0]!.answer({ kind: "stored" });
  follower.down();
  expect(direct).toEqual([2, 3]);
  expect(publish()).toBe(false);
  follower.down();
  expect(direct).toEqual([2, 3]);
});

test("delivers in order when an earlier message comes late", () => {
  const { follower, got, hear } = followed();
  follower.up();
  for (const number of [1, 3, 4]) hear(OTHER, number);
  expect(got).toEqual([`${OTHER} 1`]);
  hear(OTHER, 2);
  expect(got).toEqual([`${OTHER} 1`, `${OTHER} 2`, `${OTHER} 3`, `${OTHER} 4`]);
});

test("goes on without a message that does not come, and recovers no client with an offset before that", () => {
  const { follower, delivered, got, lost, appending, hear, tick } = followed();
  const missedBy = (offset: string) =>
    missedMessages(delivered, parseOffset(offset)!, { namespace: "/", rooms: new Map([["r", undefined]]) });
  follower.up();
  for (const number of [1, 4, 5]) hear(OTHER, number);
  const before = delivered.offsetText;
  tick(3);
  expect(got).toEqual([`${OTHER} 1`]);
  tick(1);
  expect([got, lost]).toEqual([[`${OTHER} 1`, `${OTHER} 4`, `${OTHER} 5`], [2]]);
  follower.heard(1, 1, appending.find(({ entry }) => entry.origin === delivered.origin)!.entry);
  expect(missedBy(before)).toEqual({ reason: "too_old" });
  expect(missedBy(delivered.offsetText)).toEqual({ entries: [] });
  hear(OTHER, 2);
  expect(got).toHaveLength(3);
});

test("does not count messages from before its start as lost when it could not read the log", () => {
  const { got, lost, hear, tick } = followed();
  hear(OTHER, 1_000);
  tick(4);
  hear(OTHER, 1_001);
  expect([got, lost]).toEqual([[`${OTHER} 1000`, `${OTHER} 1001`], []]);
});
