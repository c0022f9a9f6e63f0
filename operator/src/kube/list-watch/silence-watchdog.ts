import type { Clock } from "../../engine/clock.ts";

/**
 * A watch that is silent for this long starts again from its position, in case its connection is dead. Silence is no
 * failure: an API server (1.35) sends a bookmark about once a minute, but none before the first write after the watch
 * began.
 */
export const SILENCE_MS = 150_000;

export interface SilenceWatchdog {
  /** Aborts after the silence, or with the outer signal. */
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
  // A single timer: when it ends, it checks the last event's time and waits for the rest. Each event needs no timer of
  // its own.
  const guard = async () => {
    for (let leftMs = SILENCE_MS; leftMs > 0; leftMs = Math.min(SILENCE_MS, heardAtMs + SILENCE_MS - clock.now())) {
      await clock.wait(leftMs, stopped.signal);
      if (stopped.signal.aborted) return;
    }
    silence.abort(new Error(`silent for ${SILENCE_MS / 1000} s`));
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
