/** After this many failures in a row, a handler counts as unavailable and the breaker opens. */
const OPENS_AFTER = 5;
/** While a handler is unavailable, one request per this time is sent to test whether the handler answers again. */
export const PROBE_EVERY_MS = 500;

/**
 * Stops requests to a handler that is unavailable. While the breaker is open, it lets one request through every
 * PROBE_EVERY_MS. An answer to any request closes it.
 */
export class CircuitBreaker {
  #failures = 0;
  #nextProbeAtMs = 0;
  readonly #onChange: (isOpen: boolean) => void;

  constructor(onChange: (isOpen: boolean) => void) {
    this.#onChange = onChange;
  }

  get isOpen(): boolean {
    return this.#failures >= OPENS_AFTER;
  }

  get state(): "open" | "closed" {
    return this.isOpen ? "open" : "closed";
  }

  /** Whether this request is the one that tests the handler while the breaker is open. */
  takeProbe(nowMs: number): boolean {
    if (nowMs < this.#nextProbeAtMs) return false;
    this.#nextProbeAtMs = nowMs + PROBE_EVERY_MS;
    return true;
  }

  answered(): void {
    const wasOpen = this.isOpen;
    this.#failures = 0;
    if (wasOpen) this.#onChange(false);
  }

  failed(nowMs: number): void {
    this.#failures += 1;
    if (this.#failures !== OPENS_AFTER) return;
    this.#nextProbeAtMs = nowMs + PROBE_EVERY_MS;
    this.#onChange(true);
  }
}
