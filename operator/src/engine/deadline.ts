import type { Clock } from "./clock.ts";

/**
 * A signal that aborts after this time, or with the outer signal. Call `end`: it removes the listener from the outer
 * signal. AbortSignal.any would keep that listener as long as the outer signal lives.
 */
export function deadline(
  clock: Pick<Clock, "wait">,
  afterMs: number,
  outer?: AbortSignal,
): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController();
  const ended = new AbortController();
  const pass = (): void => controller.abort(outer?.reason);
  if (outer?.aborted === true) pass();
  else outer?.addEventListener("abort", pass, { once: true });
  void clock.wait(afterMs, ended.signal).then(() => {
    if (!ended.signal.aborted) controller.abort(new Error(`no answer within ${afterMs / 1000} s`));
  });
  return {
    signal: controller.signal,
    end() {
      outer?.removeEventListener("abort", pass);
      ended.abort();
    },
  };
}
