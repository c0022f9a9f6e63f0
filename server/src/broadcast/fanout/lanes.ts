import { Lane } from "./lane.ts";
import type { Rider } from "./lane.ts";
import type { Turn } from "./turn.ts";

/** Stands for a namespace's every socket where a room is asked for. */
export const EVERYONE = Symbol("everyone");
export type Audience = string | typeof EVERYONE;

/** Who is where, as the adapter's own books have it. */
export interface RoomBook<R extends Rider> {
  /** Ids as keys, of a Set or a Map. */
  idsIn(audience: Audience): { readonly size: number; has(id: string): boolean; keys(): Iterable<string> } | undefined;
  roomsOf(id: string): Iterable<string>;
  /** Undefined while no socket has this id. */
  memberOf(id: string): R | undefined;
}

/** The lanes of the rooms that were sent to and are large enough to deserve one. Told of each change before the books are. */
export class Lanes<R extends Rider> {
  readonly #turn: Turn;
  readonly #book: RoomBook<R>;
  readonly #fromMembers: number;
  readonly #lanes = new Map<Audience, Lane<R>>();
  /** Ids without a socket yet: a middleware may join rooms before the connection stands. They get lanes when they have one. */
  readonly #strangers = new Set<string>();

  constructor(turn: Turn, book: RoomBook<R>, fromMembers: number) {
    this.#turn = turn;
    this.#book = book;
    this.#fromMembers = fromMembers;
  }

  /** The audience's lane, or undefined where one by one is better. */
  laneOf(audience: Audience): Lane<R> | undefined {
    return this.#lanes.get(audience) ?? this.#newLane(audience);
  }

  joins(id: string, rooms: Iterable<string>): void {
    if (this.#lanes.size === 0) return;
    if (this.#strangers.has(id)) this.#meet(id);
    if (this.#book.idsIn(EVERYONE)?.has(id) !== true) this.#join(EVERYONE, id);
    for (const room of rooms) if (this.#book.idsIn(room)?.has(id) !== true) this.#join(room, id);
  }

  leaves(id: string, audience: Audience): void {
    const lane = this.#lanes.get(audience);
    if (lane === undefined) return;
    const ids = this.#book.idsIn(audience);
    if (ids?.has(id) !== true) return;
    if (ids.size === 1) this.#lanes.delete(audience);
    const member = this.#strangers.has(id) ? undefined : this.#book.memberOf(id);
    if (member !== undefined) lane.left(member);
  }

  leavesAll(id: string): void {
    if (this.#lanes.size > 0) {
      this.leaves(id, EVERYONE);
      for (const room of this.#book.roomsOf(id)) this.leaves(id, room);
    }
    this.#strangers.delete(id);
  }

  #newLane(audience: Audience): Lane<R> | undefined {
    const ids = this.#book.idsIn(audience);
    if (ids === undefined || ids.size < this.#fromMembers) return undefined;
    const lane = new Lane<R>(this.#turn);
    this.#lanes.set(audience, lane);
    for (const id of ids.keys()) this.#join(audience, id);
    return lane;
  }

  #join(audience: Audience, id: string): void {
    const lane = this.#lanes.get(audience);
    if (lane === undefined || this.#strangers.has(id)) return;
    const member = this.#book.memberOf(id);
    if (member === undefined) this.#strangers.add(id);
    else lane.joined(member);
  }

  /** A socket's first own join comes when it is connected: time to catch up on the rooms it is in already. */
  #meet(id: string): void {
    if (this.#book.memberOf(id) === undefined) return;
    this.#strangers.delete(id);
    this.#join(EVERYONE, id);
    for (const room of this.#book.roomsOf(id)) this.#join(room, id);
  }
}
