export const MESSAGES_PER_SECOND = 2;

/** Publishes the numbers 0, 1, 2 and so on at a steady rate. `stop` returns how many were published. */
export function startStream(publish: (number: number) => Promise<void>): { stop(): Promise<number> } {
  let sent = 0;
  let last = Promise.resolve();
  const timer = setInterval(() => void (last = publish(sent++)), 1_000 / MESSAGES_PER_SECOND);
  return {
    async stop() {
      clearInterval(timer);
      await last;
      return sent;
    },
  };
}

/** The highest number of these sorted times that lie within one time window of this length. */
export function mostWithin(timesMs: readonly number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  for (const [index, timeMs] of timesMs.entries()) {
    while (timeMs - timesMs[first]! >= windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
