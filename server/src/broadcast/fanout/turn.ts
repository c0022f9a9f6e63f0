import { FrameSequence } from "./frame-sequence.ts";

/** Something that queues frames until the turn ends. */
export interface Due {
  flush(): void;
}

/**
 * One turn of the event loop. The flush runs in the check phase, right after the poll phase, without a timer:
 * an idle process writes right after the callback that emitted, a busy process after all callbacks of the poll.
 */
export class Turn {
  #due: Due[] = [];
  #root = FrameSequence.empty();

  /** The empty sequence that every connection starts from in this turn. */
  get root(): FrameSequence {
    return this.#root;
  }

  /** Requests one flush at the end of this turn. The caller does this once per turn. */
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
