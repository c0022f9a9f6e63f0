import type { ShedCommand } from "./gateway-client.ts";

export interface Load {
  pod: string;
  connections: number;
}

/** One round of moves. After it, all gateways have the same number of connections, or one more. */
export interface RebalancePlan {
  /**
   * The gateways that move connections to others, and how many each moves. Such a gateway must get no new clients until
   * its moves are done.
   */
  gives: readonly Load[];
  /** Gateways that must take no new clients once they have this many connections. */
  caps: readonly { pod: string; share: number }[];
  total: number;
}

/**
 * The moves that make the connections even. Undefined when every gateway's number of connections, the smallest one as
 * well, is within the tolerance around the mean.
 */
export function rebalancePlan(loads: readonly Load[], tolerancePercent: number): RebalancePlan | undefined {
  if (isEven(loads, tolerancePercent)) return undefined;
  const all = loads.reduce((sum, { connections }) => sum + connections, 0);
  const fullestFirst = [...loads].sort((a, b) => b.connections - a.connections || (a.pod < b.pod ? -1 : 1));
  // When the division has a remainder, the fullest gateways may have one connection more. So no connection moves
  // because of the remainder.
  const parts = fullestFirst.map((load, index) => ({
    ...load,
    share: Math.floor(all / loads.length) + (index < all % loads.length ? 1 : 0),
  }));
  const gives = parts
    .filter(({ connections, share }) => connections > share)
    .map(({ pod, connections, share }) => ({ pod, connections: connections - share }));
  // Load balancers spread the moved clients evenly over the gateways that are open. The gateways that lack most stay
  // open to the end. Every other gateway closes when it has enough connections.
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

/** A gateway refuses a request to move more connections than this. */
const MAX_PER_REQUEST = 1_000_000;
/** Load balancers need this time to notice that a gateway is closed, and the last moved clients to reconnect. */
const MARGIN_MS = 30_000;

/**
 * The requests that carry out a plan. The gateways in `caps` come first: if they closed later, they would get too many
 * of the moved clients.
 */
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
