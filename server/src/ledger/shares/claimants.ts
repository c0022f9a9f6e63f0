import type { Claimant } from "./claim-rule.ts";
import type { Peer } from "./peers.ts";
import type { Pool } from "./pools.ts";

/**
 * The other nodes as claimants of one limit. Nodes announce only their seats, so for other limits the floor is not
 * known.
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
 * Like `claimantsOf`, at the moment when this node loses the ledger. Nodes that the ledger still counts will lose it
 * too, so all nodes divide the rest. `seatsUnnamed`: seats that the ledger counted and no node announced.
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
