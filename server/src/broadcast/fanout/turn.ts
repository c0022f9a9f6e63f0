import { FrameSequence } from "./frame-sequence.ts";

/** Something that holds frames back until the turn ends. */
export interface Due {
  flush(): void;
}

/**
 * One turn of the event loop. Its check phase follows the poll phase: an idle process writes right after the callback
 * that emitted, and a busy one after everything that the poll brought. There is no timer.
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
