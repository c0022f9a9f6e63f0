import { FrameSequence } from "./frame-sequence.ts";

/** A queue of frames that is flushed at the end of the turn. */
export interface Due {
  flush(): void;
}

/**
 * One turn of the event loop. The flush runs by `setImmediate` in the check phase, right after the poll phase, so it
 * needs no timer. An idle process flushes right after the callback that sent something. A busy process flushes after
 * all callbacks of the poll phase.
 */
export class Turn {
  #due: Due[] = [];
  #root = FrameSequence.empty();

  /** The empty sequence with which every connection starts in this turn. */
  get root(): FrameSequence {
    return this.#root;
  }

  /** Requests that `due` is flushed at the end of this turn. The caller must do this only once in a turn. */
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
