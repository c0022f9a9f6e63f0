import type { FrameSequence } from "./frame-sequence.ts";
import type { Due, Turn } from "./turn.ts";

/** What the shared batch needs of a room member. */
export interface BatchMember {
  readonly outlet: MemberOutlet | undefined;
}

/** What the shared batch needs of the outlet of a member's connection. */
interface MemberOutlet {
  /** Returns false if the connection cannot enter the batch, for example because it must send something else first. */
  enterBatch(batch: SharedBatch, place: number): boolean;
  leaveBatch(batch: SharedBatch): void;
  movedTo(place: number): void;
  write(bytes: Buffer): void;
}

/** A batch of this size is written at once. Joining more frames does not make writing cheaper. */
const ENOUGH_BYTES = 64 * 1024;

/**
 * The messages of a room in one turn of the event loop, stored once for all members on the batch. A message costs one
 * append, and each member gets one write. When something else is sent to a member, the member leaves the batch, and the
 * frames of the batch go into its own queue first. This keeps the order of its messages.
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

  /** Members of the room that are not on the batch. Each message must be sent to each of them separately. */
  get withOwnQueue(): readonly M[] {
    return this.#withOwnQueue;
  }

  /** The frames, in order, that are not yet written to the members on the batch. */
  get pending(): FrameSequence | undefined {
    return this.#pending;
  }

  /**
   * Prepares the batch for a message; must be called before each one. On the first call in a turn of the event loop,
   * adds every member that `mayShare` and the member's outlet accept.
   */
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

  /**
   * Takes a member off the batch, because its outlet has taken over its frames. `place` is the member's index in the
   * list.
   */
  takeOff(place: number): void {
    this.#withOwnQueue.push(this.#onBatch[place]!);
    removeAt(this.#onBatch, place);
    this.#onBatch[place]?.outlet!.movedTo(place);
  }

  joined(member: M): void {
    this.#withOwnQueue.push(member);
  }

  /** Takes a member that leaves the room off the batch. It still gets the earlier messages. */
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
    // Iterate from the end: a member whose TCP socket buffer is full leaves the batch in this loop, and the last member
    // moves to its index.
    for (let place = this.#onBatch.length - 1; place >= 0; place -= 1) this.#onBatch[place]!.outlet!.write(bytes);
  }
}

/** Removes an item from a list whose order does not matter: the last item takes its place. */
function removeAt<T>(list: T[], place: number): void {
  const last = list.pop()!;
  if (place < list.length) list[place] = last;
}
