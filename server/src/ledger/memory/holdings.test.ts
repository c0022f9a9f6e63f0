import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Holdings, roomKey } from "./holdings.ts";
import type { RoomEntry, Seat } from "../ledger.ts";

/** Lists that are searched whole at every question. */
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
// A socket is one user's: the user follows from it.
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

test("answers as lists of all seats and entries do", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const holdings = new Holdings();
      const slow = new SlowHoldings();
      for (const one of steps) {
        if (one.act === "seat") {
          const isHeld = slow.seats.some(({ socketId }) => socketId === one.seat.socketId);
          const ofUser = slow.seats.filter(({ userId }) => userId === one.seat.userId).length;
          const want = isHeld
            ? { taken: true }
            : slow.seats.length >= 6
              ? { taken: false, limit: "global" }
              : ofUser >= 2
                ? { taken: false, limit: "user" }
                : { taken: true };
          const answer = holdings.refusal(one.seat, limits);
          expect(answer).toEqual(want);
          if (answer.taken) holdings.seat(one.seat);
          if (answer.taken && !isHeld) slow.seats.push(one.seat);
        } else if (one.act === "unseat") {
          const left = slow.seats.filter(({ socketId }) => socketId !== one.seat.socketId);
          expect(holdings.unseat(one.seat.socketId)).toBe(left.length < slow.seats.length);
          slow.seats = left;
        } else if (one.act === "enter") {
          const isIn = slow.sockets(roomKey(one.entry)).some(({ socketId }) => socketId === one.entry.socketId);
          const isUsersRoom = slow.sockets(roomKey(one.entry)).some(({ userId }) => userId === one.entry.userId);
          const answer = holdings.roomRefusal(one.entry, limits);
          if (!isUsersRoom && slow.rooms(one.entry.userId) >= 2)
            expect(answer).toEqual({ entered: false, currentRoomCount: slow.rooms(one.entry.userId) });
          else {
            holdings.enter(one.entry);
            if (!isIn) slow.entries.push(one.entry);
            expect(answer).toEqual({
              entered: true,
              participantCount: slow.sockets(roomKey(one.entry)).length,
              first: !isIn,
            });
          }
        } else if (one.act === "leave") {
          const left = slow.entries.filter(
            (entry) => entry.socketId !== one.entry.socketId || roomKey(entry) !== roomKey(one.entry),
          );
          expect(holdings.leave(one.entry)).toBe(left.length < slow.entries.length);
          slow.entries = left;
        } else {
          const holds = (seats: readonly Seat[], { socketId }: Seat) =>
            seats.some((seat) => seat.socketId === socketId);
          const want = {
            added: one.held.filter((seat) => !holds(slow.seats, seat)),
            removed: slow.seats.filter((seat) => !holds(one.held, seat)),
          };
          expect(holdings.correct(one.held)).toEqual(want);
          slow.seats = [...slow.seats.filter((seat) => holds(one.held, seat)), ...want.added];
        }
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
            expect(holdings.participants(namespace, room)).toEqual({
              participantCount: there.length,
              users: [...new Set(there.map(({ userId }) => userId))],
            });
          }
        }
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
