import type { Clock } from "../../engine/clock.ts";
import { ApiError } from "../errors.ts";
import type { Resource } from "../resource.ts";
import { isExpired, problemOf } from "./sync-problem.ts";

/**
 * The wait after the first failure. It doubles with each further failure in a row, up to LAST_RETRY_MS. Half of each
 * wait is random.
 */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;
/** When the server sends a Retry-After, a list-watch waits at most this long because of it. */
const MAX_RETRY_AFTER_MS = 300_000;

/** What to do after a failed list or watch. */
export interface FailureResponse {
  /** Milliseconds until the next attempt. */
  waitMs: number;
  level: "debug" | "warn";
  /** True when the server refuses and did not refuse before this failure. */
  isNewRefusal: boolean;
}

/**
 * The health of a list-watch: when the server last sent something, the present problem, and the number of failures in a
 * row.
 */
export class SyncState {
  readonly #clock: Pick<Clock, "now">;
  readonly #random: () => number;
  #heardAtMs: number | undefined;
  #problem: string | undefined = "not listed yet";
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

  /**
   * Call when the server has sent an answer or an event. This does not reset the number of failures; recovered() does.
   */
  heard(): void {
    this.#heardAtMs = this.#clock.now();
    this.#problem = undefined;
    this.#isRefused = false;
  }

  /** Call when a watch has worked for some time. The next failure then counts as the first one in a row. */
  recovered(): void {
    this.#failures = 0;
  }

  failed(resource: Resource, activity: "list" | "watch", error: unknown): FailureResponse {
    this.#problem = problemOf(resource, activity, error);
    const wasRefused = this.#isRefused;
    if (error instanceof ApiError) {
      // The server is alive if it refuses, so update the time. /livez must not fail, because a restart would not change
      // the refusal.
      this.#heardAtMs = this.#clock.now();
      this.#isRefused = error.status === 403 || error.status === 404;
    }
    const retryAfterMs = Math.min(MAX_RETRY_AFTER_MS, (error instanceof ApiError && error.retryAfterMs) || 0);
    const backoffMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 16));
    // A single broken or expired watch is normal, so it gets level debug. A failed list or a second failure in a row
    // gets a warning.
    const level = this.#failures === 0 && (activity === "watch" || isExpired(error)) ? "debug" : "warn";
    this.#failures++;
    return {
      waitMs: Math.round(retryAfterMs + backoffMs / 2 + (backoffMs / 2) * this.#random()),
      level,
      isNewRefusal: this.#isRefused && !wasRefused,
    };
  }
}
