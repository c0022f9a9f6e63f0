/** Milliseconds of work in one turn of the event loop. */
const TURN_MS = 20;
const ASK_AGAIN_MS = 50;

export interface TurnQueueOptions {
  nowMs: () => number;
  /** No task starts while this returns true. Called before each task. */
  isBlocked?: () => boolean;
}

/**
 * Runs tasks in order, for some milliseconds in each turn of the event loop, so that many tasks do not block the event
 * loop.
 */
export class TurnQueue {
  readonly #nowMs: () => number;
  readonly #isBlocked: () => boolean;
  #tasks: (() => void)[] = [];
  #next = 0;
  #isBusy = false;

  constructor({ nowMs, isBlocked = () => false }: TurnQueueOptions) {
    this.#nowMs = nowMs;
    this.#isBlocked = isBlocked;
  }

  /** Adds a task. If the task continues in a `nextTick`, that work counts as part of the task. */
  add(task: () => void): void {
    this.#tasks.push(task);
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#work();
  }

  #work(): void {
    const untilMs = this.#nowMs() + TURN_MS;
    const step = (): void => {
      const task = this.#tasks[this.#next];
      if (task === undefined) return this.#rest();
      if (this.#nowMs() >= untilMs) return void setImmediate(() => this.#work());
      if (this.#isBlocked()) return void setTimeout(() => this.#work(), ASK_AGAIN_MS);
      this.#next += 1;
      try {
        task();
      } finally {
        process.nextTick(step);
      }
    };
    step();
  }

  #rest(): void {
    this.#isBusy = false;
    this.#tasks = [];
    this.#next = 0;
  }
}
