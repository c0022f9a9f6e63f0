import type { Claimant } from "./claim-rule.ts";
import type { Peer } from "./peers.ts";
import type { Pool } from "./pools.ts";

/**
 * The other nodes as claimants of one limit. Nodes announce only how many seats they have granted. For other limits,
 * what a node has granted (its `floor`) is unknown and counts as 0.
 */
export function claimantsOf(peers: readonly Peer[], pool: Pool): Claimant[] {
  return peers.map((peer) => ({
    id: peer.id,
    claim: peer.claims[pool],
    floor: floorOf(peer, pool),
    role: roleOf(peer),
  }));
}

/**
 * Like `claimantsOf`, for the moment at which this node loses Redis. The nodes that Redis still counts will soon lose
 * it too, so they take part in the division. `seatsUnnamed`: seats that Redis counted and that no node has announced.
 */
export function claimantsAtLoss(peers: readonly Peer[], pool: Pool, seatsUnnamed: number): Claimant[] {
  const isSeats = pool === "maxConnections";
  const others = peers.map((peer): Claimant => {
    const claim = peer.state === "exact" && !isSeats ? 0 : peer.claims[pool];
    return { id: peer.id, claim, floor: floorOf(peer, pool), role: peer.state === "leaving" ? "leaving" : "shares" };
  });
  if (isSeats) others.push({ id: "", claim: seatsUnnamed, floor: seatsUnnamed, role: "leaving" });
  return others;
}

function floorOf({ seats }: Peer, pool: Pool): number {
  return pool === "maxConnections" ? seats : 0;
}

function roleOf({ state }: Peer): Claimant["role"] {
  if (state === "exact") return "counted";
  return state === "leaving" ? "leaving" : "shares";
}
