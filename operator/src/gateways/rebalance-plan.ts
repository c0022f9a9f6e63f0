import type { ShedCommand } from "./gateway-client.ts";

export interface Load {
  pod: string;
  connections: number;
}

/** One round of moves after which every gateway has an equal part of the connections. */
export interface RebalancePlan {
  /** How many connections each full gateway gives up. New clients must not come to it until then. */
  gives: readonly Load[];
  /** Gateways that must take no new clients once they have this many connections. */
  caps: readonly { pod: string; share: number }[];
  total: number;
}

/** Undefined when every gateway, the emptiest as well, is within the tolerance of the mean. */
export function rebalancePlan(loads: readonly Load[], tolerancePercent: number): RebalancePlan | undefined {
  if (isEven(loads, tolerancePercent)) return undefined;
  const all = loads.reduce((sum, { connections }) => sum + connections, 0);
  const fullestFirst = [...loads].sort((a, b) => b.connections - a.connections || (a.pod < b.pod ? -1 : 1));
  // The remainder stays where most connections are, so that none moves for it.
  const parts = fullestFirst.map((load, index) => ({
    ...load,
    share: Math.floor(all / loads.length) + (index < all % loads.length ? 1 : 0),
  }));
  const gives = parts
    .filter(({ connections, share }) => connections > share)
    .map(({ pod, connections, share }) => ({ pod, connections: connections - share }));
  // Load balancers spread the moved clients evenly over the open gateways. The emptiest ones need most, so they stay
  // open to the end, and the others close when they have enough.
  const mostLacking = Math.max(...parts.map(({ connections, share }) => share - connections));
  const caps = parts
    .filter(({ connections, share }) => connections <= share && share - connections < mostLacking)
    .map(({ pod, share }) => ({ pod, share: Math.max(1, share) }));
  return { gives, caps, total: gives.reduce((sum, { connections }) => sum + connections, 0) };
}

function isEven(loads: readonly Load[], tolerancePercent: number): boolean {
  const counts = loads.map(({ connections }) => connections);
  const mean = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length);
  const most = Math.ceil(mean * (1 + tolerancePercent / 100));
  const least = Math.floor(mean * (1 - tolerancePercent / 100));
  return counts.every((count) => count >= least && count <= most);
}

/** The gateway refuses to move more connections than this in one request. */
const MAX_PER_REQUEST = 1_000_000;
/** Time for load balancers to notice that a gateway is closed, and for the last clients to come back. */
const MARGIN_MS = 30_000;

/** The requests that carry out a plan. Gateways with a cap come first, or they would get too many of the clients. */
export function shedCommands(
  { gives, caps, total }: RebalancePlan,
  connectionsPerSecond: number,
): { pod: string; command: ShedCommand }[] {
  const deadlineMs = Math.ceil((total / connectionsPerSecond) * 1000) + MARGIN_MS;
  const exclusive = { path: "/shed", exclusive: true, deadlineMs } as const;
  return [
    ...caps.map(({ pod, share }) => ({ pod, command: { ...exclusive, connections: 0, share } })),
    ...gives.map(({ pod, connections }) => ({
      pod,
      command: { ...exclusive, connections: Math.min(MAX_PER_REQUEST, connections) },
    })),
  ];
}
