/**
 * Runs work with a signal. The signal aborts after limitMs with the error `late`, or earlier with the outer signal's
 * reason when the outer signal aborts. Unlike AbortSignal.any, it removes its listener from the outer signal, which may
 * live as long as the process.
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
