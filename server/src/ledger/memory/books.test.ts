import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Books, roomKey } from "./books.ts";
import type { RoomEntry } from "../ledger.ts";

interface Seat {
  socketId: string;
  userId: string;
}

/** Lists, searched from end to end at every question. */
class DumbBooks {
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

test("the books say what lists of all seats and entries say", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const books = new Books();
      const dumb = new DumbBooks();
      for (const one of steps) {
        if (one.act === "seat") {
          const isHeld = dumb.seats.some(({ socketId }) => socketId === one.seat.socketId);
          const ofUser = dumb.seats.filter(({ userId }) => userId === one.seat.userId).length;
          const want = isHeld
            ? { taken: true }
            : dumb.seats.length >= 6
              ? { taken: false, limit: "global" }
              : ofUser >= 2
                ? { taken: false, limit: "user" }
                : { taken: true };
          const answer = books.refusal(one.seat, limits);
          expect(answer).toEqual(want);
          if (answer.taken) books.seat(one.seat);
          if (answer.taken && !isHeld) dumb.seats.push(one.seat);
        } else if (one.act === "unseat") {
          const left = dumb.seats.filter(({ socketId }) => socketId !== one.seat.socketId);
          expect(books.unseat(one.seat.socketId)).toBe(left.length < dumb.seats.length);
          dumb.seats = left;
        } else if (one.act === "enter") {
          const isIn = dumb.sockets(roomKey(one.entry)).some(({ socketId }) => socketId === one.entry.socketId);
          const isUsersRoom = dumb.sockets(roomKey(one.entry)).some(({ userId }) => userId === one.entry.userId);
          const answer = books.roomRefusal(one.entry, limits);
          if (!isUsersRoom && dumb.rooms(one.entry.userId) >= 2)
            expect(answer).toEqual({ entered: false, currentRoomCount: dumb.rooms(one.entry.userId) });
          else {
            books.enter(one.entry);
            if (!isIn) dumb.entries.push(one.entry);
            expect(answer).toEqual({
              entered: true,
              participantCount: dumb.sockets(roomKey(one.entry)).length,
              first: !isIn,
            });
          }
        } else if (one.act === "leave") {
          const left = dumb.entries.filter(
            (entry) => entry.socketId !== one.entry.socketId || roomKey(entry) !== roomKey(one.entry),
          );
          expect(books.leave(one.entry)).toBe(left.length < dumb.entries.length);
          dumb.entries = left;
        } else {
          const holds = (seats: readonly Seat[], { socketId }: Seat) =>
            seats.some((seat) => seat.socketId === socketId);
          const want = {
            added: one.held.filter((seat) => !holds(dumb.seats, seat)),
            removed: dumb.seats.filter((seat) => !holds(one.held, seat)),
          };
          expect(books.correct(one.held)).toEqual(want);
          dumb.seats = [...dumb.seats.filter((seat) => holds(one.held, seat)), ...want.added];
        }
        expect(books.connections).toBe(dumb.seats.length);
        expect(books.seats()).toEqual(dumb.seats);
        expect(books.entries()).toEqual(dumb.entries);
        for (const userId of ["u0", "u1", "u2", "u3"]) {
          expect(books.seatsOf(userId)).toBe(dumb.seats.filter((seat) => seat.userId === userId).length);
          expect(books.roomsOf(userId)).toBe(dumb.rooms(userId));
        }
        for (const namespace of ["/events", "/messaging"]) {
          for (const room of ["a", "b", "c"]) {
            const there = dumb.sockets(roomKey({ namespace, room }));
            expect(books.participants(namespace, room)).toEqual({
              participantCount: there.length,
              users: [...new Set(there.map(({ userId }) => userId))],
            });
          }
        }
      }
      expect(new Set(books.seatedUsers())).toEqual(new Set(dumb.seats.map(({ userId }) => userId)));
      expect(new Set(books.socketIds())).toEqual(new Set(dumb.seats.map(({ socketId }) => socketId)));
      expect(new Map([...books.rooms()].map(([userId, rooms]) => [userId, rooms.size]))).toEqual(
        new Map(dumb.entries.map(({ userId }) => [userId, dumb.rooms(userId)])),
      );
      expect(new Set(books.roomKeys())).toEqual(new Set(dumb.entries.map(roomKey)));
    }),
    { numRuns: 100 },
  );
});
