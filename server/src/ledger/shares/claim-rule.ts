/**
 * How nodes divide a limit while the ledger cannot count. A claim is the most that a node may give out; the other nodes
 * leave it that much.
 * The sum of all claims never exceeds the limit: a node raises its claim only into the unclaimed rest, and all nodes
 * that may raise at the same time divide that rest. ADR 11 has the proof.
 */
export interface Claimant {
  id: string;
  claim: number;
  /** What the node has granted and cannot take back. */
  floor: number;
  /**
   * shares: the node claims a part and may raise it. counted: the ledger counts the node, so the node does not raise
   * its claim. leaving: the node takes no part.
   */
  role: "shares" | "counted" | "leaving";
}

export interface ClaimQuestion {
  limit: number;
  /** This node. `used` is the lowest possible claim; `floor` is the lowest claim that the other nodes know of. */
  own: { id: string; claim: number; used: number; floor: number };
  others: readonly Claimant[];
  /** Number of other nodes that exist and do not announce. */
  unnamed: number;
}

/**
 * Divides the limit into equal parts, after subtracting nodes that gave out more than an equal part. The remainder goes
 * to the first ids, one each.
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

/** The claim that this node should have next: lower to give back, higher to take a part of the unclaimed rest. */
export function nextClaim({ limit, own, others, unnamed }: ClaimQuestion): number {
  const staying = others.filter(({ role }) => role !== "leaving");
  const left = others.reduce((sum, { role, claim }) => (role === "leaving" ? sum - claim : sum), limit);
  const shares = fairShares(left, [own, ...staying], unnamed);
  const fair = shares.get(own.id) ?? 0;
  const least = Math.min(own.used, own.claim);
  if (own.claim > fair) return Math.max(least, fair);
  const free = left - own.claim - staying.reduce((sum, { claim }) => sum + claim, 0);
  // The claims exceed the limit. Either the limit was lowered, or two nodes saw different peers when the outage began.
  if (free <= 0) return Math.max(least, own.claim + free);
  const rivals = staying.filter(({ id, claim, role }) => role === "shares" && claim < (shares.get(id) ?? 0));
  const takers = rivals.length + 1 + unnamed;
  const rank = rivals.filter(({ id }) => id < own.id).length + unnamed;
  return Math.min(fair, own.claim + Math.floor(free / takers) + (rank < free % takers ? 1 : 0));
}
