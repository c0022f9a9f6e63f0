import type { RoomAnswer, RoomEntry, Seat } from "../ledger.ts";
import type { Limits } from "../../protocol/limits.ts";

/**
 * The seats and room entries of one node, counted per user. The class does no I/O and reads no clock. The memory ledger
 * decides with it. The Redis ledger decides with it while Redis cannot be used, and afterwards writes its content to
 * Redis.
 */
export class Holdings {
  readonly #seats = new Map<string, string>();
  readonly #seatsOfUser = new Map<string, number>();
  /** Room key → socket id → user id. */
  readonly #rooms = new Map<string, Map<string, string>>();
  /** User id → room key → number of the user's sockets in that room. */
  readonly #roomsOfUser = new Map<string, Map<string, number>>();
  readonly #entries = new Map<string, RoomEntry>();

  get connections(): number {
    return this.#seats.size;
  }

  refusal(
    { socketId, userId }: Seat,
    { maxConnections, maxConnectionsPerUser }: Pick<Limits, "maxConnections" | "maxConnectionsPerUser">,
  ): { taken: true } | { taken: false; limit: "global" | "user" } {
    if (this.#seats.has(socketId)) return { taken: true };
    if (this.#seats.size >= maxConnections) return { taken: false, limit: "global" };
    if ((this.#seatsOfUser.get(userId) ?? 0) >= maxConnectionsPerUser) return { taken: false, limit: "user" };
    return { taken: true };
  }

  seat({ socketId, userId }: Seat): void {
    if (this.#seats.has(socketId)) return;
    this.#seats.set(socketId, userId);
    this.#seatsOfUser.set(userId, (this.#seatsOfUser.get(userId) ?? 0) + 1);
  }

  /** Moves the seat of this user's `former` socket to the socket of `seat`. Does nothing if `former` has no seat. */
  moveSeat(seat: Seat, former: string | undefined): void {
    if (former === undefined || this.#seats.get(former) !== seat.userId || this.#seats.has(seat.socketId)) return;
    this.unseat(former);
    this.seat(seat);
  }

  /** Frees the seat of a socket. Returns false if the socket had none. */
  unseat(socketId: string): boolean {
    const userId = this.#seats.get(socketId);
    if (userId === undefined) return false;
    this.#seats.delete(socketId);
    decrement(this.#seatsOfUser, userId);
    return true;
  }

  roomRefusal(entry: RoomEntry, { maxRoomsPerUser }: Pick<Limits, "maxRoomsPerUser">): RoomAnswer {
    const room = this.#rooms.get(roomKey(entry));
    const rooms = this.#roomsOfUser.get(entry.userId);
    if (room?.has(entry.socketId) === true) return { entered: true, participantCount: room.size, first: false };
    if (rooms?.has(roomKey(entry)) !== true && (rooms?.size ?? 0) >= maxRoomsPerUser)
      return { entered: false, currentRoomCount: rooms?.size ?? 0 };
    return { entered: true, participantCount: (room?.size ?? 0) + 1, first: true };
  }

  enter(entry: RoomEntry): void {
    const key = roomKey(entry);
    const room = this.#rooms.get(key) ?? new Map<string, string>();
    if (room.has(entry.socketId)) return;
    this.#rooms.set(key, room.set(entry.socketId, entry.userId));
    const rooms = this.#roomsOfUser.get(entry.userId) ?? new Map<string, number>();
    this.#roomsOfUser.set(entry.userId, rooms.set(key, (rooms.get(key) ?? 0) + 1));
    this.#entries.set(`${entry.socketId} ${key}`, { ...entry });
  }

  /** Removes a socket from a room. Returns false if it was not in the room. */
  leave(entry: RoomEntry): boolean {
    const key = roomKey(entry);
    const room = this.#rooms.get(key);
    const userId = room?.get(entry.socketId);
    if (room === undefined || userId === undefined) return false;
    room.delete(entry.socketId);
    if (room.size === 0) this.#rooms.delete(key);
    const rooms = this.#roomsOfUser.get(userId);
    if (rooms !== undefined) {
      decrement(rooms, key);
      if (rooms.size === 0) this.#roomsOfUser.delete(userId);
    }
    this.#entries.delete(`${entry.socketId} ${key}`);
    return true;
  }

  participants(namespace: string, room: string): { participantCount: number; users: string[] } {
    const found = this.#rooms.get(roomKey({ namespace, room }));
    return { participantCount: found?.size ?? 0, users: [...new Set(found?.values())] };
  }

  seats(): Seat[] {
    return [...this.#seats].map(([socketId, userId]) => ({ socketId, userId }));
  }

  entries(): RoomEntry[] {
    return [...this.#entries.values()];
  }

  userOf(socketId: string): string | undefined {
    return this.#seats.get(socketId);
  }

  seatsOf(userId: string): number {
    return this.#seatsOfUser.get(userId) ?? 0;
  }

  /** Number of different rooms that any socket of the user is in. */
  roomsOf(userId: string): number {
    return this.#roomsOfUser.get(userId)?.size ?? 0;
  }

  /**
   * The users with more than `part` seats, and how many more they have. If there are more than `most` such users, only
   * the `most` users with the most seats.
   */
  usersAbove(part: number, most: number): [userId: string, excess: number][] {
    const above: [string, number][] = [];
    for (const [userId, count] of this.#seatsOfUser) if (count > part) above.push([userId, count - part]);
    return above.length <= most ? above : above.toSorted(([, a], [, b]) => b - a).slice(0, most);
  }

  /** The highest number of seats, and the highest number of rooms, that a single user has on this node. */
  mostOfOneUser(): { seats: number; rooms: number } {
    let seats = 0;
    let rooms = 0;
    for (const count of this.#seatsOfUser.values()) if (count > seats) seats = count;
    for (const { size } of this.#roomsOfUser.values()) if (size > rooms) rooms = size;
    return { seats, rooms };
  }

  socketsIn(key: string): number {
    return this.#rooms.get(key)?.size ?? 0;
  }

  // A live iterator: it also returns the ids of sockets that get a seat during the iteration.
  socketIds(): Iterable<string> {
    return this.#seats.keys();
  }

  seatedUsers(): Iterable<string> {
    return this.#seatsOfUser.keys();
  }

  roomKeys(): Iterable<string> {
    return this.#rooms.keys();
  }

  /** User id → room key → number of the user's sockets in that room. */
  rooms(): Iterable<[string, ReadonlyMap<string, number>]> {
    return this.#roomsOfUser;
  }

  /**
   * Changes the seats to those in `held`. The seats of sockets for which `isUndecided` returns true are left as they
   * are.
   */
  correct(
    held: readonly Seat[],
    isUndecided: (socketId: string) => boolean = () => false,
  ): { added: Seat[]; removed: Seat[] } {
    const truth = new Set(held.map(({ socketId }) => socketId));
    const removed: Seat[] = [];
    for (const [socketId, userId] of this.#seats)
      if (!truth.has(socketId) && !isUndecided(socketId)) removed.push({ socketId, userId });
    const added = held.filter(({ socketId }) => !this.#seats.has(socketId) && !isUndecided(socketId));
    for (const { socketId } of removed) this.unseat(socketId);
    for (const seat of added) this.seat(seat);
    return { added, removed };
  }
}

/** Joins namespace and room by a character that neither of them contains. */
export function roomKey({ namespace, room }: Pick<RoomEntry, "namespace" | "room">): string {
  return `${namespace}\u0001${room}`;
}

function decrement(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
