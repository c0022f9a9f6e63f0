/**
 * How nodes divide a limit among themselves while the ledger cannot. A node's claim is the most that it may give out;
 * the others leave it that much. The sum of all claims never exceeds the limit, because a node raises its claim only
 * into what nobody claims, and all that may raise at the same moment divide that among themselves. ADR 11 has the
 * argument.
 */
export interface Claimant {
  id: string;
  claim: number;
  /** What it has given out and cannot take back. */
  floor: number;
  /**
   * shares: claims, and may raise. counted: the ledger counts it, so it does not raise by itself. leaving: takes no
   * part.
   */
  role: "shares" | "counted" | "leaving";
}

export interface ClaimQuestion {
  limit: number;
  /** This node: `used` is what it cannot go below, `floor` what the others know of that. */
  own: { id: string; claim: number; used: number; floor: number };
  others: readonly Claimant[];
  /** Others that are known to exist, but by their number only. */
  unnamed: number;
}

/**
 * Equal parts of the limit, after those that have given out more than an equal part. What cannot be divided goes to the
 * first in the order of ids, one each.
 */
export function fairShares(
  limit: number,
  nodes: readonly { id: string; floor: number }[],
  unnamed: number,
): Map<string, number> {
  const shares = new Map<string, number>();
  let light = nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  let left = Math.max(0, limit);
  for (;;) {
    const part = Math.floor(left / Math.max(1, light.length + unnamed));
    const heavy = light.filter(({ floor }) => floor > part);
    if (heavy.length === 0) break;
    for (const { id, floor } of heavy) shares.set(id, floor);
    left = Math.max(0, left - heavy.reduce((sum, { floor }) => sum + floor, 0));
    light = light.filter(({ floor }) => floor <= part);
  }
  const count = light.length + unnamed;
  for (const [index, { id }] of light.entries())
    shares.set(id, Math.floor(left / count) + (index + unnamed < left % count ? 1 : 0));
  return shares;
}

/** The claim that a node should have: lower than now to give back, higher to take a part of what nobody claims. */
export function nextClaim({ limit, own, others, unnamed }: ClaimQuestion): number {
  const staying = others.filter(({ role }) => role !== "leaving");
  const left = others.reduce((sum, { role, claim }) => (role === "leaving" ? sum - claim : sum), limit);
  const shares = fairShares(left, [own, ...staying], unnamed);
  const fair = shares.get(own.id) ?? 0;
  const least = Math.min(own.used, own.claim);
  if (own.claim > fair) return Math.max(least, fair);
  const free = left - own.claim - staying.reduce((sum, { claim }) => sum + claim, 0);
  // Claimed twice: the limit was lowered, or the views of two nodes differed when the outage began.
  if (free <= 0) return Math.max(least, own.claim + free);
  const rivals = staying.filter(({ id, claim, role }) => role === "shares" && claim < (shares.get(id) ?? 0));
  const takers = rivals.length + 1 + unnamed;
  const rank = rivals.filter(({ id }) => id < own.id).length + unnamed;
  return Math.min(fair, own.claim + Math.floor(free / takers) + (rank < free % takers ? 1 : 0));
}
