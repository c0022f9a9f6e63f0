/** For how many milliseconds tasks run in one turn of the event loop. */
const TURN_MS = 20;
const ASK_AGAIN_MS = 50;

export interface TurnQueueOptions {
  nowMs: () => number;
  /** Called before each task. No task starts while it returns true. */
  isBlocked?: () => boolean;
}

/**
 * Runs tasks in order, but only for some milliseconds in each turn of the event loop, so that many tasks do not block
 * it.
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

  /** Adds a task. Work that the task does in `process.nextTick` counts as part of the task. */
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
