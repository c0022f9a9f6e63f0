import type { Clock } from "./clock.ts";

/**
 * A signal that aborts after this time, or when the outer signal aborts. Call `end` when the work is done: it removes
 * the listener from the outer signal. AbortSignal.any would keep its listener as long as the outer signal exists.
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
