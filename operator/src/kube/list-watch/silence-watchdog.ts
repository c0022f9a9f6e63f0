import type { Clock } from "../../engine/clock.ts";

/**
 * A watch on which nothing was heard for this long is ended and begun again from where it was. API servers send a bookmark
 * about once a minute, so it is two missed and a half; a longer limit would find a half-open connection later. But they send
 * none before something of the kind was written after the watch began (seen on 1.35): silence proves nothing. So it is no
 * failure, costs one request in 150 s on a quiet kind, and bounds how old `heardAtMs` can be in a healthy operator.
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
