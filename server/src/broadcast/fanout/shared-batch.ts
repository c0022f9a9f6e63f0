import type { FrameSequence } from "./frame-sequence.ts";
import type { Due, Turn } from "./turn.ts";

/** The part of a room member that its shared batch uses. */
export interface BatchMember {
  readonly outlet: MemberOutlet | undefined;
}

/** The part of a connection's outlet that a batch uses. */
interface MemberOutlet {
  /** Returns false when the connection must send something else first. */
  enterBatch(batch: SharedBatch, place: number): boolean;
  leaveBatch(batch: SharedBatch): void;
  movedTo(place: number): void;
  write(bytes: Buffer): void;
}

/** Write a batch at once when it reaches this size. A longer batch makes a write no cheaper per byte. */
const ENOUGH_BYTES = 64 * 1024;

/**
 * A room's messages of one turn, stored once for all members on the batch: one append per message, one write per
 * member.
 * A member that is sent something else leaves the batch with the frames so far and uses its own queue. So each member's
 * order is kept.
 */
export class SharedBatch<M extends BatchMember = BatchMember> implements Due {
  readonly #turn: Turn;
  readonly #onBatch: M[] = [];
  readonly #withOwnQueue: M[] = [];
  #pending: FrameSequence | undefined;
  #isDue = false;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** Members that are not on the batch and need every message separately. */
  get withOwnQueue(): readonly M[] {
    return this.#withOwnQueue;
  }

  /** The frames that the members on the batch still have to get, in order. */
  get pending(): FrameSequence | undefined {
    return this.#pending;
  }

  /** Call before the first message of a turn. Adds every member whose outlet and `mayShare` allow it. */
  start(mayShare: (member: M) => boolean): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#turn.add(this);
    for (let place = this.#onBatch.length - 1; place >= 0; place -= 1) {
      const member = this.#onBatch[place]!;
      if (!mayShare(member)) member.outlet!.leaveBatch(this);
    }
    for (let place = this.#withOwnQueue.length - 1; place >= 0; place -= 1) {
      const member = this.#withOwnQueue[place]!;
      if (!mayShare(member) || member.outlet?.enterBatch(this, this.#onBatch.length) !== true) continue;
      this.#onBatch.push(member);
      removeAt(this.#withOwnQueue, place);
    }
  }

  /** Adds a message for all members on the batch. */
  append(frame: Buffer): void {
    if (this.#onBatch.length === 0) return;
    this.#pending = (this.#pending ?? this.#turn.root).with(frame);
    if (this.#pending.bytes >= ENOUGH_BYTES) this.#write();
  }

  /** A member's outlet calls this when it takes over the member's frames. */
  takeOff(place: number): void {
    this.#withOwnQueue.push(this.#onBatch[place]!);
    removeAt(this.#onBatch, place);
    this.#onBatch[place]?.outlet!.movedTo(place);
  }

  joined(member: M): void {
    this.#withOwnQueue.push(member);
  }

  /** A member that leaves the room still gets the earlier messages. */
  left(member: M): void {
    member.outlet?.leaveBatch(this);
    const place = this.#withOwnQueue.indexOf(member);
    if (place >= 0) removeAt(this.#withOwnQueue, place);
  }

  flush(): void {
    this.#isDue = false;
    this.#write();
  }

  #write(): void {
    if (this.#pending === undefined) return;
    const bytes = this.#pending.joined();
    this.#pending = undefined;
    // Iterate from the end: a member with a full socket buffer leaves, and the last member takes its place.
    for (let place = this.#onBatch.length - 1; place >= 0; place -= 1) this.#onBatch[place]!.outlet!.write(bytes);
  }
}

/** Removes an item from a list whose order does not matter. */
function removeAt<T>(list: T[], place: number): void {
  const last = list.pop()!;
  if (place < list.length) list[place] = last;
}
