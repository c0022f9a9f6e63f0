import type { FrameSequence } from "./frame-sequence.ts";
import type { Due, Turn } from "./turn.ts";

/** A socket in a room, as the room's shared batch needs to know it. */
export interface BatchMember {
  readonly outlet: MemberOutlet | undefined;
}

/** The way out of a member's connection. */
interface MemberOutlet {
  /** False where something else is due for the connection first. */
  enterBatch(batch: SharedBatch, place: number): boolean;
  leaveBatch(batch: SharedBatch): void;
  movedTo(place: number): void;
  write(bytes: Buffer): void;
}

/** Beyond this a longer batch no longer makes a write cheaper per byte. */
const ENOUGH_BYTES = 64 * 1024;

/**
 * A room's messages of a turn, kept once instead of once per member. Members with nothing else due are on the batch: a
 * message costs one append, and the turn one write per member. A member that is sent something else leaves it with the
 * frames so far and has its own queue until nothing else is due for it in a turn. So no member's order ever changes.
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

  /** Members that must be given each message by itself. */
  get withOwnQueue(): readonly M[] {
    return this.#withOwnQueue;
  }

  /** What the members on the batch have due, in order. */
  get pending(): FrameSequence | undefined {
    return this.#pending;
  }

  /** Before a turn's first message: puts every member on the batch whose outlet and `mayShare` allow it. */
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

  /** Called by a member's outlet, which takes over what is due for the member. */
  takeOff(place: number): void {
    this.#withOwnQueue.push(this.#onBatch[place]!);
    removeAt(this.#onBatch, place);
    this.#onBatch[place]?.outlet!.movedTo(place);
  }

  joined(member: M): void {
    this.#withOwnQueue.push(member);
  }

  /** A member that leaves still gets what it was sent before. */
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
    // From the end: a member that turns out to be congested leaves, and the last one takes its place.
    for (let place = this.#onBatch.length - 1; place >= 0; place -= 1) this.#onBatch[place]!.outlet!.write(bytes);
  }
}

/** Takes an item out of a list whose order does not matter. */
function removeAt<T>(list: T[], place: number): void {
  const last = list.pop()!;
  if (place < list.length) list[place] = last;
}
