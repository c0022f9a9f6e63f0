import type { Clock } from "../../engine/clock.ts";
import { ApiError } from "../errors.ts";
import type { Resource } from "../resource.ts";
import { isExpired, problemOf } from "./sync-problem.ts";

/** The wait after a first failure; each further one doubles it up to the last. Half of a wait is random. */
const firstRetryMs = 500;
const lastRetryMs = 30_000;
/** Retry-After beyond this is not believed. */
const maxRetryAfterMs = 300_000;

/** What a failure of a list or watch comes to. */
export interface Setback {
  /** How long to wait before the next try. */
  waitMs: number;
  level: "debug" | "warn";
  /** It was not refused before, and is now. */
  isNewRefusal: boolean;
}

/** How a list-watch stands with its server: when it was heard, what is wrong, and how often in a row. */
export class SyncState {
  readonly #clock: Pick<Clock, "now">;
  readonly #random: () => number;
  #heardAtMs: number | undefined;
  #problem: string | undefined = "it has not listed yet";
  #isRefused = false;
  #failures = 0;

  constructor(clock: Pick<Clock, "now">, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get heardAtMs(): number | undefined {
    return this.#heardAtMs;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** The server has answered, or sent something: all is well. What failed in a row is not forgotten before `recovered`. */
  heard(): void {
    this.#heardAtMs = this.#clock.now();
    this.#problem = undefined;
    this.#isRefused = false;
  }

  /** It went well for long enough that the next failure is a first one. */
  recovered(): void {
    this.#failures = 0;
  }

  failed(resource: Resource, activity: "list" | "watch", error: unknown): Setback {
    this.#problem = problemOf(resource, activity, error);
    const wasRefused = this.#isRefused;
    if (error instanceof ApiError) {
      // A refusal is an answer as well: being ended and begun again would not change it.
      this.#heardAtMs = this.#clock.now();
      this.#isRefused = error.status === 403 || error.status === 404;
    }
    const retryAfterMs = Math.min(maxRetryAfterMs, (error instanceof ApiError && error.retryAfterMs) || 0);
    const backoffMs = Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(this.#failures, 16));
    // A watch that breaks or expires once is the normal course of things; a list that fails, or anything twice, is not.
    const level = this.#failures === 0 && (activity === "watch" || isExpired(error)) ? "debug" : "warn";
    this.#failures++;
    return {
      waitMs: Math.round(retryAfterMs + backoffMs / 2 + (backoffMs / 2) * this.#random()),
      level,
      isNewRefusal: this.#isRefused && !wasRefused,
    };
  }
}
