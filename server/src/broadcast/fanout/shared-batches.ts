import { SharedBatch, type BatchMember } from "./shared-batch.ts";
import type { Turn } from "./turn.ts";

/** Used in place of a room's name for all sockets of a namespace. */
export const EVERYONE = Symbol("everyone");
export type RoomOrEveryone = string | typeof EVERYONE;

/** The socket ids in a room. They are the keys of a Set or a Map. */
export interface RoomIds {
  readonly size: number;
  has(id: string): boolean;
  keys(): Iterable<string>;
}

/** The rooms of a namespace and the sockets in them, as the adapter knows them. */
export interface Rooms<M extends BatchMember> {
  idsIn(room: RoomOrEveryone): RoomIds | undefined;
  roomsOf(id: string): Iterable<string>;
  /** The member for a socket id. Undefined if no socket has this id. */
  memberOf(id: string): M | undefined;
}

/**
 * The shared batches of large rooms. A room gets its batch with the first message to it. `beforeJoin`, `beforeLeave`
 * and `beforeLeaveAll` must be called before each change of a room's members.
 */
export class SharedBatches<M extends BatchMember> {
  readonly #turn: Turn;
  readonly #rooms: Rooms<M>;
  readonly #fromMembers: number;
  readonly #batches = new Map<RoomOrEveryone, SharedBatch<M>>();
  /**
   * Ids of sockets that joined a room before Socket.IO added the socket to the namespace. A middleware can do this.
   * They are added to the batches when the socket is in the namespace.
   */
  readonly #withoutSocket = new Set<string>();

  constructor(turn: Turn, rooms: Rooms<M>, fromMembers: number) {
    this.#turn = turn;
    this.#rooms = rooms;
    this.#fromMembers = fromMembers;
  }

  /** The room's batch. Undefined if the room is so small that sending to each member separately is cheaper. */
  of(room: RoomOrEveryone): SharedBatch<M> | undefined {
    return this.#batches.get(room) ?? this.#newBatch(room);
  }

  beforeJoin(id: string, rooms: Iterable<string>): void {
    if (this.#batches.size === 0) return;
    if (this.#withoutSocket.has(id)) this.#catchUp(id);
    if (this.#rooms.idsIn(EVERYONE)?.has(id) !== true) this.#join(EVERYONE, id);
    for (const room of rooms) if (this.#rooms.idsIn(room)?.has(id) !== true) this.#join(room, id);
  }

  beforeLeave(id: string, room: RoomOrEveryone): void {
    const batch = this.#batches.get(room);
    if (batch === undefined) return;
    const ids = this.#rooms.idsIn(room);
    if (ids?.has(id) !== true) return;
    if (ids.size === 1) this.#batches.delete(room);
    const member = this.#withoutSocket.has(id) ? undefined : this.#rooms.memberOf(id);
    if (member !== undefined) batch.left(member);
  }

  beforeLeaveAll(id: string): void {
    if (this.#batches.size > 0) {
      this.beforeLeave(id, EVERYONE);
      for (const room of this.#rooms.roomsOf(id)) this.beforeLeave(id, room);
    }
    this.#withoutSocket.delete(id);
  }

  #newBatch(room: RoomOrEveryone): SharedBatch<M> | undefined {
    const ids = this.#rooms.idsIn(room);
    if (ids === undefined || ids.size < this.#fromMembers) return undefined;
    const batch = new SharedBatch<M>(this.#turn);
    this.#batches.set(room, batch);
    for (const id of ids.keys()) this.#join(room, id);
    return batch;
  }

  #join(room: RoomOrEveryone, id: string): void {
    const batch = this.#batches.get(room);
    if (batch === undefined || this.#withoutSocket.has(id)) return;
    const member = this.#rooms.memberOf(id);
    if (member === undefined) this.#withoutSocket.add(id);
    else batch.joined(member);
  }

  /**
   * Adds a socket of `#withoutSocket` to the batches of the rooms that it joined earlier, if it is in the namespace
   * now.
   */
  #catchUp(id: string): void {
    if (this.#rooms.memberOf(id) === undefined) return;
    this.#withoutSocket.delete(id);
    this.#join(EVERYONE, id);
    for (const room of this.#rooms.roomsOf(id)) this.#join(room, id);
  }
}
