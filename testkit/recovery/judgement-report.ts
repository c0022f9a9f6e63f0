import type { Fault, History, Judgement } from "./history.ts";

const MOST_SHOWN = 5;
const AROUND = 12;

/** One line with the numbers of checked messages and reconnects, and the faults that were found. */
export function summaryOf({ recoveries, fresh, judged, faults }: Judgement, { publications }: History): string {
  const stored = publications.filter(({ outcome }) => outcome === "stored").length;
  const kinds = Object.entries(Object.groupBy(faults, ({ kind }) => kind)).map(
    ([kind, all]) => `${all.length} ${kind}`,
  );
  const found = kinds.length === 0 ? "no fault" : kinds.join(", ");
  return (
    `${recoveries} recoveries, ${fresh} fresh, ${judged} messages judged, ` +
    `${publications.length} published (${stored} stored), ${found}`
  );
}

/** What clients received shortly before and after the first faults. Empty when there are no faults. */
export function excerptsOf({ faults }: Judgement, history: History): string {
  return faults
    .slice(0, MOST_SHOWN)
    .map((fault) => excerpt(fault, history))
    .join("\n");
}

function excerpt(fault: Fault, { publications, clients, outages }: History): string {
  const { client, room, publisher, k, at } = fault;
  const publication = publications.find((one) => one.room === room && one.publisher === publisher && one.k === k);
  const observations = (clients.get(client) ?? []).filter(
    (one) => one.type === "connected" || ("room" in one && one.room === room),
  );
  const place = observations.findIndex((one) => one.at >= at);
  const around = observations.slice(Math.max(0, place - AROUND), place + AROUND);
  const outage = outages.findLast(({ from }) => from < at);
  return [
    JSON.stringify(fault),
    JSON.stringify({ publication, outage }),
    ...around.map((one) => `  ${JSON.stringify(one)}`),
  ].join("\n");
}
