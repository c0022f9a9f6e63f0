import { FrameSequence } from "./frame-sequence.ts";

/** Something that holds frames back until the turn ends. */
export interface Due {
  flush(): void;
}

/**
 * One turn of the event loop. The check phase follows the poll phase at once, so an idle process writes as soon as the
 * callback that emitted has returned, and a busy one has gathered everything the poll brought. There is no timer.
 */
export class Turn {
  #due: Due[] = [];
  #root = FrameSequence.empty();

  /** The node every connection starts from in this turn. */
  get root(): FrameSequence {
    return this.#root;
  }

  /** Asks for one flush at the end of this turn; the caller asks once per turn. */
  add(due: Due): void {
    if (this.#due.push(due) === 1) setImmediate(this.#end);
  }

  readonly #end = (): void => {
    const due = this.#due;
    this.#due = [];
    this.#root = FrameSequence.empty();
    for (const each of due) each.flush();
  };
}
