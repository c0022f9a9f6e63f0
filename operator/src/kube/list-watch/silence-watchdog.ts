import type { Clock } from "../../engine/clock.ts";

/**
 * If a watch sends nothing for this long, its connection may be dead, so the watch is restarted from its position. It
 * may also be alive: an API server (1.35) sends a bookmark about once a minute, but none until the first write after
 * the watch began. So a restart does not count as a failure.
 */
export const SILENCE_MS = 150_000;

export interface SilenceWatchdog {
  /** Aborts after SILENCE_MS without an event, or when the outer signal aborts. */
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
  // One timer serves all events. When it ends, the loop waits again until SILENCE_MS after the last event.
  const guard = async () => {
    for (let leftMs = SILENCE_MS; leftMs > 0; leftMs = Math.min(SILENCE_MS, heardAtMs + SILENCE_MS - clock.now())) {
      await clock.wait(leftMs, stopped.signal);
      if (stopped.signal.aborted) return;
    }
    silence.abort(new Error(`the API server sent nothing for ${SILENCE_MS / 1000} s`));
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
