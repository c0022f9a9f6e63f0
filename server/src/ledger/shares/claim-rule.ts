/**
 * How nodes divide a limit while Redis does not count. A node's claim is the part of the limit that it can grant, and
 * that all other nodes leave to it.
 * The sum of all claims never exceeds the limit. A node raises its claim only into the part of the limit that nobody
 * has claimed. All nodes that could raise their claims at the same time divide this part. ADR 11 has the proof.
 */
export interface Claimant {
  id: string;
  claim: number;
  /** The part of the limit that the node has already granted and cannot take back. Its share cannot be less. */
  floor: number;
  /**
   * shares: the node claims a part of the limit and can raise its claim. counted: Redis counts the node, so it does not
   * raise its claim. leaving: the node does not take part in the division.
   */
  role: "shares" | "counted" | "leaving";
}

export interface ClaimQuestion {
  limit: number;
  /** This node. Its claim cannot become lower than `used`. `floor` is how much of `used` the other nodes know. */
  own: { id: string; claim: number; used: number; floor: number };
  others: readonly Claimant[];
  /** Number of other nodes that exist but do not announce their claims. */
  unnamed: number;
}

/**
 * Divides the limit into equal parts. A node that has already granted more than an equal part (its `floor`) keeps what
 * it has granted, and the other nodes divide the rest. If the rest cannot be divided evenly, the first nodes in the
 * order of their ids get one more each.
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

/**
 * This node's next claim. It is lower if the node must return a part of the limit, and higher if it can take a part
 * that nobody has claimed.
 */
export function nextClaim({ limit, own, others, unnamed }: ClaimQuestion): number {
  const staying = others.filter(({ role }) => role !== "leaving");
  const left = others.reduce((sum, { role, claim }) => (role === "leaving" ? sum - claim : sum), limit);
  const shares = fairShares(left, [own, ...staying], unnamed);
  const fair = shares.get(own.id) ?? 0;
  const least = Math.min(own.used, own.claim);
  if (own.claim > fair) return Math.max(least, fair);
  const free = left - own.claim - staying.reduce((sum, { claim }) => sum + claim, 0);
  // The claims together exceed the limit: the limit was lowered, or two nodes knew different nodes when Redis failed.
  if (free <= 0) return Math.max(least, own.claim + free);
  const rivals = staying.filter(({ id, claim, role }) => role === "shares" && claim < (shares.get(id) ?? 0));
  const takers = rivals.length + 1 + unnamed;
  const rank = rivals.filter(({ id }) => id < own.id).length + unnamed;
  return Math.min(fair, own.claim + Math.floor(free / takers) + (rank < free % takers ? 1 : 0));
}
