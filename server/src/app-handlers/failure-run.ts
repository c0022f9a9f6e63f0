import type { Failure, FailureReason } from "./failure.ts";
import type { Outcome } from "./handler-request.ts";

/** After this many failures in a row, the private API reports them. */
const REPORTED_AFTER = 5;
/** These say nothing about the handler, because it got no request. */
const UNSENT: ReadonlySet<FailureReason> = new Set(["unavailable", "busy", "stopped"]);

/** The state of a handler for the private API. */
export interface HandlerState {
  handler: string;
  /** "open": it counts as away, and its events are refused. */
  breaker: "open" | "closed";
  /** The last of several failures in a row, and the time of the first. Absent after a valid answer. */
  failure?: Failure & { since: string };
}

/** The requests in a row to which a handler gave no valid answer. */
export class FailureRun {
  #count = 0;
  #sinceMs = 0;
  #last: Failure | undefined;

  record(outcome: Outcome, nowMs: number): void {
    if (!("failure" in outcome)) this.#count = 0;
    else if (!UNSENT.has(outcome.failure.reason)) {
      if (this.#count === 0) this.#sinceMs = nowMs;
      this.#count += 1;
      this.#last = outcome.failure;
    }
  }

  /** Empty unless at least five requests in a row have failed. */
  get report(): Pick<HandlerState, "failure"> {
    if (this.#last === undefined || this.#count < REPORTED_AFTER) return {};
    return { failure: { ...this.#last, since: new Date(this.#sinceMs).toISOString() } };
  }
}
