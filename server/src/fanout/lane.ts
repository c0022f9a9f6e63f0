import type { Batch } from "./batch.ts";
import type { Outlet } from "./outlet.ts";
import type { Turn } from "./turn.ts";

/** One socket in one room, as the lane needs to know it. */
export interface Rider {
  outlet: Outlet | undefined;
}

const ENOUGH_BYTES = 64 * 1024;

/**
 * A room's messages of one turn, kept once instead of once per member. Members with nothing else due ride along: a further
 * message to the room costs one append however many they are. Whoever gets something else, joins or leaves within the turn
 * steps off with what the lane holds so far, and is served one by one from then on, so nobody's order changes.
 */
export class Lane<R extends Rider = Rider> {
  readonly #turn: Turn;
  readonly #onEnd: () => void;
  readonly #riders: (R | undefined)[] = [];
  #walkers: R[] = [];
  #riding = 0;
  #batch: Batch | undefined;
  #isBroken = false;

  constructor(turn: Turn, onEnd: () => void) {
    this.#turn = turn;
    this.#onEnd = onEnd;
    turn.add(this);
  }

  /** Members that each further message must be given to one by one. */
  get walkers(): readonly R[] {
    return this.#walkers;
  }

  /** True when the lane can no longer say who is in the room: ask the room itself, until the turn ends. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** What riders have due, in order. */
  get batch(): Batch | undefined {
    return this.#batch;
  }

  /** Takes a member on, before the lane's first message. */
  board(member: R): void {
    if (member.outlet?.ride(this, this.#riders.length) === true) {
      this.#riders.push(member);
      this.#riding += 1;
    } else {
      this.#walkers.push(member);
    }
  }

  /** Adds a message for all riders. */
  append(frame: Buffer): void {
    if (this.#riding === 0) return;
    this.#batch = (this.#batch ?? this.#turn.root).with(frame);
    if (this.#batch.bytes >= ENOUGH_BYTES) this.#write();
  }

  /** Called by a rider's outlet when it takes its frames over itself. */
  stepOff(seat: number): void {
    this.#walkers.push(this.#riders[seat]!);
    this.#riders[seat] = undefined;
    this.#riding -= 1;
  }

  /** A member that came during the turn. */
  joined(member: R): void {
    this.#walkers.push(member);
  }

  /** A member that left during the turn keeps what it was sent before. */
  left(member: R): void {
    member.outlet?.stepOff(this);
    this.#walkers = this.#walkers.filter((each) => each !== member);
  }

  /** Everyone steps off. */
  break(): void {
    this.#isBroken = true;
    for (const rider of this.#riders) rider?.outlet!.stepOff(this);
  }

  flush(): void {
    this.#onEnd();
    if (this.#riding === 0) return;
    this.#write();
    for (const rider of this.#riders) rider?.outlet!.arrive();
  }

  #write(): void {
    if (this.#batch === undefined) return;
    const bytes = this.#batch.joined();
    this.#batch = undefined;
    for (const rider of this.#riders) rider?.outlet!.write(bytes);
  }
}
