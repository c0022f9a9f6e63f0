import { expect, test } from "@jest/globals";
import { hashOf, type LiveConfig } from "./live-config.ts";
import { LiveState } from "./live-state.ts";

const first: LiveConfig = {
  generation: 0,
  limits: {
    maxConnections: 1,
    maxConnectionsPerUser: 2,
    maxRoomsPerUser: 3,
    maxEventsPerMinute: 4,
    maxMessageBytes: 1024,
    maxConnectionsPerAddress: 6,
    maxQueuedBytes: 16_384,
  },
  origins: [],
  rooms: "claims",
  drain: { connectionsPerSecond: 100 },
  maxConnectionAgeSeconds: 0,
  recovery: { windowSeconds: 120, presenceGraceSeconds: 15 },
};

test("who listens hears of each change once, and of nothing else", () => {
  const live = new LiveState(first);
  const heard: number[] = [];
  live.onChange(({ generation }) => heard.push(generation));
  expect(live.apply({ generation: 2 })).toEqual({ applied: true });
  expect(live.apply({ generation: 2 })).toEqual({ applied: true });
  expect(live.apply({ generation: 1 })).toEqual({ applied: false, why: "older" });
  expect(live.apply({ generation: "3" })).toMatchObject({ applied: false, why: "invalid" });
  expect(live.apply({ generation: 3 })).toEqual({ applied: true });
  expect(heard).toEqual([2, 3]);
});

test.each(["recovery", "maxConnectionAgeSeconds"] as const)(
  "the hash covers %s only when the sender names it",
  (field) => {
    const live = new LiveState(first);
    const all = { ...first, generation: 2 };
    const { [field]: _unknown, ...others } = all;
    live.apply(others);
    expect(live.document).toEqual({ ...all, hash: hashOf(others) });
    live.apply(all);
    expect(live.document.hash).toBe(hashOf(all));
    expect(hashOf(others)).not.toBe(hashOf(all));
  },
);

test("the same generation may say something else: a gateway that started from its environment is at 0", () => {
  const live = new LiveState(first);
  live.apply({ generation: 0, rooms: "Open" });
  expect([live.roomPolicy, live.document.rooms]).toEqual(["open", "Open"]);
});
