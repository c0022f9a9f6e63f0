import { expect, test } from "@jest/globals";
import type { Connection } from "../connections/connection.ts";
import type { SeatAnswer, SeatLedger } from "../ledger/ledger.ts";
import type { LiveState } from "../live-config/live-state.ts";
import { Seating } from "./seating.ts";

const LIMIT = 2;
const atLimit: SeatAnswer = { taken: false, limit: "user", isPassing: false };

/** A user at the limit, of whose connections `alive` have answered a ping. The clock advances while a client waits. */
function seatingWith(alive: number): Seating {
  let clockMs = 0;
  const ledger = { takeSeat: () => atLimit } as unknown as SeatLedger;
  return new Seating({
    ledger,
    live: { limits: { maxConnectionsPerUser: LIMIT } } as unknown as LiveState,
    ghosts: {
      search: (_userId, onAlive) => {
        onAlive(alive);
        return () => undefined;
      },
    },
    nowMs: () => clockMs,
    wait: async (afterMs) => {
      clockMs += afterMs;
    },
  });
}

const connection = (id: string): Connection =>
  ({ engine: { id, readyState: "open" }, emptyUntilMs: 0 }) as unknown as Connection;

test("refuses permanently when all connections of the user have answered", async () => {
  expect(await seatingWith(LIMIT).take(connection("a"), "ann")).toEqual(atLimit);
});

test("refuses temporarily when the time is over and too few connections have answered", async () => {
  expect(await seatingWith(LIMIT - 1).take(connection("a"), "ann")).toEqual({ ...atLimit, isPassing: true });
});

test("refuses further connections temporarily when a hundred of the user already wait", async () => {
  const seating = seatingWith(0);
  const waiting = Array.from({ length: 100 }, (_, index) => seating.take(connection(`w-${index}`), "ann"));
  expect(await seating.take(connection("late"), "ann")).toEqual({ ...atLimit, isPassing: true });
  for (const answer of waiting) await answer;
});
