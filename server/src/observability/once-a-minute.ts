/**
 * Calls `say` for the first event, then at most once a minute with the number of events since the last call. So
 * repeated failures do not fill the log.
 */
export function onceAMinute(
  nowMs: () => number,
  say: (count: number, reason: string) => void,
): (count: number, reason: string) => void {
  let saidAtMs = -Infinity;
  let waiting = 0;
  return (count, reason) => {
    waiting += count;
    if (nowMs() - saidAtMs < 60_000) return;
    saidAtMs = nowMs();
    say(waiting, reason);
    waiting = 0;
  };
}
