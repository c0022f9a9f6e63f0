import type { Clock } from "./clock.ts";

/**
 * A watch on which nothing was heard for this long is ended and begun again from where it was. API servers send a bookmark
 * about once a minute, so 150 s is two missed and a half. A longer limit would find a half-open connection later; one that
 * trusts bookmarks alone would be wrong: a server may send none for a kind on which nothing ever happened, and then renewing
 * costs one request each 150 s, while a bound remains on how old `heardAtMs` can be in a healthy operator.
 */
export const silenceMs = 150_000;

export interface SilenceWatchdog {
  /** Aborts after silence, and with the outer signal. */
  readonly signal: AbortSignal;
  heard(): void;
  stop(): void;
}

export function silenceWatchdog(clock: Clock, outer: AbortSignal): SilenceWatchdog {
  const silence = new AbortController();
  const stopped = new AbortController();
  const pass = () => silence.abort(outer.reason);
  outer.addEventListener("abort", pass, { once: true });
  let heardAtMs = clock.now();
  // One timer that looks again when it ends, not one more for each event.
  const guard = async () => {
    for (let leftMs = silenceMs; leftMs > 0; leftMs = Math.min(silenceMs, heardAtMs + silenceMs - clock.now())) {
      await clock.wait(leftMs, stopped.signal);
      if (stopped.signal.aborted) return;
    }
    silence.abort(new Error(`nothing was heard for ${silenceMs / 1000} s`));
  };
  void guard();
  return {
    signal: silence.signal,
    heard() {
      heardAtMs = clock.now();
    },
    stop() {
      outer.removeEventListener("abort", pass);
      stopped.abort();
    },
  };
}
