/**
 * Runs work with a signal that aborts with `late` after limitMs, or with the outer signal's reason when that aborts. It
 * removes its listener from the outer signal, which may live as long as the process. AbortSignal.any does not.
 */
export async function withTimeLimit<T>(
  limitMs: number,
  late: () => Error,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  const pass = () => controller.abort(outer?.reason);
  const timer = setTimeout(() => controller.abort(late()), limitMs);
  outer?.addEventListener("abort", pass, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", pass);
  }
}
