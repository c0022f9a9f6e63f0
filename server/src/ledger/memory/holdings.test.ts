import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Holdings, roomKey } from "./holdings.ts";
import type { RoomEntry, Seat } from "../ledger.ts";

/** A reference model. It has plain lists, and each query scans a whole list. */
class SlowHoldings {
  seats: Seat[] = [];
  entries: RoomEntry[] = [];

  rooms(userId: string): number {
    return new Set(this.entries.filter((entry) => entry.userId === userId).map(roomKey)).size;
  }

  sockets(key: string): RoomEntry[] {
    return this.entries.filter((entry) => roomKey(entry) === key);
  }
}

const limits = { maxConnections: 6, maxConnectionsPerUser: 2, maxRoomsPerUser: 2 };
// Each socket belongs to one user, so compute the user's number from the socket's number.
const sockets = fc.nat(11).map((index) => ({ socketId: `s${index}`, userId: `u${index % 4}` }));
const entries = fc
  .record({
    socket: sockets,
    room: fc.constantFrom("a", "b", "c"),
    namespace: fc.constantFrom("/events", "/messaging"),
  })
  .map(({ socket, ...where }) => ({ ...socket, ...where }));
const step = fc.oneof(
  fc.record({ act: fc.constant("seat" as const), seat: sockets }),
  fc.record({ act: fc.constant("unseat" as const), seat: sockets }),
  fc.record({ act: fc.constant("enter" as const), entry: entries }),
  fc.record({ act: fc.constant("leave" as const), entry: entries }),
  fc.record({
    act: fc.constant("correct" as const),
    held: fc.uniqueArray(sockets, { selector: ({ socketId }) => socketId }),
  }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Act<Name extends Step["act"]> = Extract<Step, { act: Name }>;

const acts: { [Name in Step["act"]]: (holdings: Holdings, slow: SlowHoldings, one: Act<Name>) => void } = {
  seat(holdings, slow, { seat }) {
    const isHeld = slow.seats.some(({ socketId }) => socketId === seat.socketId);
    const ofUser = slow.seats.filter(({ userId }) => userId === seat.userId).length;
    const answer = holdings.refusal(seat, limits);
    expect(answer).toEqual(isHeld ? { taken: true } : wantedSeat(slow.seats.length, ofUser));
    if (answer.taken) holdings.seat(seat);
    if (answer.taken && !isHeld) slow.seats.push(seat);
  },
  unseat(holdings, slow, { seat }) {
    const left = slow.seats.filter(({ socketId }) => socketId !== seat.socketId);
    expect(holdings.unseat(seat.socketId)).toBe(left.length < slow.seats.length);
    slow.seats = left;
  },
  enter(holdings, slow, { entry }) {
    const isIn = slow.sockets(roomKey(entry)).some(({ socketId }) => socketId === entry.socketId);
    const isUsersRoom = slow.sockets(roomKey(entry)).some(({ userId }) => userId === entry.userId);
    const answer = holdings.roomRefusal(entry, limits);
    if (!isUsersRoom && slow.rooms(entry.userId) >= 2) {
      expect(answer).toEqual({ entered: false, currentRoomCount: slow.rooms(entry.userId) });
      return;
    }
    holdings.enter(entry);
    if (!isIn) slow.entries.push(entry);
    const participantCount = slow.sockets(roomKey(entry)).length;
    expect(answer).toEqual({ entered: true, participantCount, first: !isIn });
  },
  leave(holdings, slow, { entry: left }) {
    const isOther = (entry: RoomEntry) => entry.socketId !== left.socketId || roomKey(entry) !== roomKey(left);
    const rest = slow.entries.filter(isOther);
    expect(holdings.leave(left)).toBe(rest.length < slow.entries.length);
    slow.entries = rest;
  },
  correct(holdings, slow, { held }) {
    const holds = (seats: readonly Seat[], { socketId }: Seat) => seats.some((seat) => seat.socketId === socketId);
    const want = {
      added: held.filter((seat) => !holds(slow.seats, seat)),
      removed: slow.seats.filter((seat) => !holds(held, seat)),
    };
    expect(holdings.correct(held)).toEqual(want);
    slow.seats = [...slow.seats.filter((seat) => holds(held, seat)), ...want.added];
  },
};

function wantedSeat(all: number, ofUser: number): ReturnType<Holdings["refusal"]> {
  if (all >= 6) return { taken: false, limit: "global" };
  return ofUser >= 2 ? { taken: false, limit: "user" } : { taken: true };
}

function expectSame(holdings: Holdings, slow: SlowHoldings): void {
  expect(holdings.connections).toBe(slow.seats.length);
  expect(holdings.seats()).toEqual(slow.seats);
  expect(holdings.entries()).toEqual(slow.entries);
  for (const userId of ["u0", "u1", "u2", "u3"]) {
    expect(holdings.seatsOf(userId)).toBe(slow.seats.filter((seat) => seat.userId === userId).length);
    expect(holdings.roomsOf(userId)).toBe(slow.rooms(userId));
  }
  for (const namespace of ["/events", "/messaging"]) {
    for (const room of ["a", "b", "c"]) {
      const there = slow.sockets(roomKey({ namespace, room }));
      const users = [...new Set(there.map(({ userId }) => userId))];
      expect(holdings.participants(namespace, room)).toEqual({ participantCount: there.length, users });
    }
  }
}

test("gives the same answers as plain lists of all seats and entries", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const holdings = new Holdings();
      const slow = new SlowHoldings();
      for (const one of steps) {
        acts[one.act](holdings, slow, one as never);
        expectSame(holdings, slow);
      }
      expect(new Set(holdings.seatedUsers())).toEqual(new Set(slow.seats.map(({ userId }) => userId)));
      expect(new Set(holdings.socketIds())).toEqual(new Set(slow.seats.map(({ socketId }) => socketId)));
      expect(new Map([...holdings.rooms()].map(([userId, rooms]) => [userId, rooms.size]))).toEqual(
        new Map(slow.entries.map(({ userId }) => [userId, slow.rooms(userId)])),
      );
      expect(new Set(holdings.roomKeys())).toEqual(new Set(slow.entries.map(roomKey)));
    }),
    { numRuns: 100 },
  );
});
