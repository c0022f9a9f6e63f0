/**
 * For a message of at least this size, one or two blocks of memory are allocated: one for its bytes, one for its text.
 */
export const LARGE_BYTES = 16_384;
/** After this many bytes of large messages, garbage is collected. */
export const MOST_BYTES = 2 * 2 ** 20;

/** V8's function `gc`. It exists if the process was started with --expose-gc. */
export type Collect = (options: { type: "minor" }) => unknown;

/**
 * Counts the bytes of large messages, and makes V8 collect its young generation. By itself, V8 would collect only when
 * this generation is full. The memory of a buffer is outside of it and counts as about a hundred bytes, so dozens of
 * buffers of a megabyte would pile up.
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
    // Collect after the current callback: the current message is still in use, so it would survive until a full
    // collection.
    setImmediate(run);
  };
}
