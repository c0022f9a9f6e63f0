/**
 * Calls `say` for the first of what comes, then once a minute with how many came since: for failures that would fill
 * the log.
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
