import type { Failure, FailureReason } from "./failure.ts";
import type { Outcome } from "./handler-request.ts";

/** After this many failures in a row, the private API reports them. */
const REPORTED_AFTER = 5;
/** These failures say nothing about the handler, because no request was sent to it. */
const UNSENT: ReadonlySet<FailureReason> = new Set(["unavailable", "busy", "stopped"]);

/** The state of a handler, as the private API shows it. */
export interface HandlerState {
  handler: string;
  /** "open": the handler counts as unavailable, and its events are refused without a request. */
  breaker: "open" | "closed";
  /** The last of several failures in a row, and the time of the first one. Absent after a valid answer. */
  failure?: Failure & { since: string };
}

/** Counts the requests in a row to which a handler gave no valid answer. */
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

  /** What the private API shows about failures. Empty unless at least REPORTED_AFTER requests in a row have failed. */
  get report(): Pick<HandlerState, "failure"> {
    if (this.#last === undefined || this.#count < REPORTED_AFTER) return {};
    return { failure: { ...this.#last, since: new Date(this.#sinceMs).toISOString() } };
  }
}
