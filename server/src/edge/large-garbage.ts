/** From this size on a message is an allocation of its own, or two: its bytes and its text. */
export const LARGE_BYTES = 16_384;
/** Of large messages, before their garbage is collected. */
export const MOST_BYTES = 2 * 2 ** 20;

/** V8's `gc`, where the process was started with --expose-gc. */
export type Collect = (options: { type: "minor" }) => unknown;

/**
 * Counts the garbage of large messages and has V8 collect its young generation when there is much. V8 alone waits
 * until that generation is full, but a buffer counts only about 100 bytes there, so dozens of megabytes would pile up.
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
    // Not now: the message at hand would count as needed, and be kept until a full collection.
    setImmediate(run);
  };
}
