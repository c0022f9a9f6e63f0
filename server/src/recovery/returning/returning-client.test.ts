import { expect, test } from "@jest/globals";
import type { ClientSession } from "../client-session.ts";
import { Delivered } from "../delivered.ts";
import { restoreRooms, type ReturningClientDeps } from "./returning-client.ts";

// These tests use a fake ledger. server/test/ledger/many-nodes.integration.test.ts tests what the real one answers.
test("leaves the rooms it has entered quietly, and recovers nobody, when another gateway has claimed the session", async () => {
  const delivered = new Delivered("bcdfghjk", { maxBytes: 1_000, maxAgeMs: 1_000 });
  delivered.begin({ era: 10, previous: 0, boundary: 0, at: new Map() }, 0);
  const held = { isKnown: true, isGranted: false, offset: "a.0" };
  const rooms = new Map(["red", "blue"].map((room) => [room, held]));
  const left: unknown[] = [];
  const deps = {
    log: { isOn: true, delivered },
    enterRoom: async (_: ClientSession, room: string) => (room === "red" ? { participantCount: 1 } : "taken"),
    leaveRooms: (_: ClientSession, names: readonly string[], manner: string) => void left.push([names, manner]),
    ...{ nowMs: () => 0, wait: async () => undefined },
  } as unknown as ReturningClientDeps;
  const session = { begunAt: "a.0", rooms, state: "live" } as unknown as ClientSession;
  const claimed = { session, formerSeat: "seat", offset: { era: 10, s: 0, over: new Map<string, number>() } };
  expect(await restoreRooms(deps, claimed)).toBe("unknown");
  expect(left).toEqual([[["red"], "quietly"]]);
});
