import type { Batch } from "./batch.ts";
import type { Outlet } from "./outlet.ts";
import type { Due, Turn } from "./turn.ts";

/** A socket in a room, as its lane needs to know it. */
export interface Rider {
  readonly outlet: Outlet | undefined;
}

/** Beyond this a longer batch no longer makes a write cheaper per byte. */
const ENOUGH_BYTES = 64 * 1024;

/**
 * A room's messages of a turn, kept once instead of once per member. Members with nothing else due ride: a message costs one
 * append, and the turn one write each. Who gets something else steps off with what the lane holds so far, and walks, which means is
 * given each message by itself, until the next turn finds nothing due for them. So nobody's order ever changes.
 */
export class Lane<R extends Rider = Rider> implements Due {
  readonly #turn: Turn;
  readonly #riders: R[] = [];
  readonly #walkers: R[] = [];
  #batch: Batch | undefined;
  #isDue = false;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** Members that must be given each message one by one. */
  get walkers(): readonly R[] {
    return this.#walkers;
  }

  /** What riders have due, in order. */
  get batch(): Batch | undefined {
    return this.#batch;
  }

  /** Once before a turn's first message: whoever may ride does. `mayRide` speaks for what the outlet does not know. */
  start(mayRide: (member: R) => boolean): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#turn.add(this);
    for (let seat = this.#riders.length - 1; seat >= 0; seat -= 1) {
      const rider = this.#riders[seat]!;
      if (!mayRide(rider)) rider.outlet!.stepOff(this);
    }
    for (let place = this.#walkers.length - 1; place >= 0; place -= 1) {
      const walker = this.#walkers[place]!;
      if (!mayRide(walker) || walker.outlet?.ride(this, this.#riders.length) !== true) continue;
      this.#riders.push(walker);
      removeAt(this.#walkers, place);
    }
  }

  /** Adds a message for all riders. */
  append(frame: Buffer): void {
    if (this.#riders.length === 0) return;
    this.#batch = (this.#batch ?? this.#turn.root).with(frame);
    if (this.#batch.bytes >= ENOUGH_BYTES) this.#write();
  }

  /** Called by a rider's outlet, which takes what is due for it over itself. */
  stepOff(seat: number): void {
    this.#walkers.push(this.#riders[seat]!);
    removeAt(this.#riders, seat);
    this.#riders[seat]?.outlet!.moveTo(seat);
  }

  joined(member: R): void {
    this.#walkers.push(member);
  }

  /** A member that leaves still gets what it was sent before. */
  left(member: R): void {
    member.outlet?.stepOff(this);
    const place = this.#walkers.indexOf(member);
    if (place >= 0) removeAt(this.#walkers, place);
  }

  flush(): void {
    this.#isDue = false;
    this.#write();
  }

  #write(): void {
    if (this.#batch === undefined) return;
    const bytes = this.#batch.joined();
    this.#batch = undefined;
    // From the end: who turns out to be congested steps off, and the last one takes the seat.
    for (let seat = this.#riders.length - 1; seat >= 0; seat -= 1) this.#riders[seat]!.outlet!.write(bytes);
  }
}

/** Takes an item out of a list whose order does not matter. */
function removeAt<T>(list: T[], place: number): void {
  const last = list.pop()!;
  if (place < list.length) list[place] = last;
}
