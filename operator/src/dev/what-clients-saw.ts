import type { Counts } from "./inspector/traffic.ts";

/** What clients have seen between two counts, in words. */
export function whatClientsSaw(before: Counts, after: Counts): string {
  const moved = after.ended - before.ended;
  const recovered = after.recovered - before.recovered;
  const replayed = after.replayed - before.replayed;
  const lost = after.lost - before.lost;
  const away = Math.max(0, before.sessions - after.sessions);
  return `${moved} connections moved, ${recovered} sessions recovered, ${replayed} messages replayed, ${lost} sessions lost, ${away} not reconnected`;
}
