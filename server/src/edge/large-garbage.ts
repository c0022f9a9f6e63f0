/** A message of at least this size has one or two memory allocations of its own: its bytes and its text. */
export const LARGE_BYTES = 16_384;
/** Bytes of large messages after which V8 collects garbage. */
export const MOST_BYTES = 2 * 2 ** 20;

/** V8's `gc`; exists when the process was started with --expose-gc. */
export type Collect = (options: { type: "minor" }) => unknown;

/**
 * Counts the bytes of large messages and makes V8 collect its young generation. V8 would do so only when that
 * generation is full, and a buffer adds just a hundred bytes to it: dozens of megabyte buffers would pile up.
 */
export function largeGarbage(collect: Collect | undefined): (bytes: number) => void {
  if (collect === undefined) return () => undefined;
  let bytesSince = 0;
  let isDue = false;
  const run = (): void => {
    isDue = false;
    bytesSince = 0;
    collect({ type: "minor" });
  };
  return (bytes) => {
    if (bytes < LARGE_BYTES) return;
    bytesSince += bytes;
    if (isDue || bytesSince < MOST_BYTES) return;
    isDue = true;
    // Collect later, because the current message is still in use and would survive until a full collection.
    setImmediate(run);
  };
}
