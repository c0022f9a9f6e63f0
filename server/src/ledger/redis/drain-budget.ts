import type { DrainBudget } from "../ledger.ts";
import { drainCapacity } from "../token-bucket.ts";
import type { Shares } from "../shares/shares.ts";
import type { Lease } from "./lease.ts";

export interface DrainBudgetDeps {
  lease: Lease;
  /** Grants drain tokens from this node's memory while Redis cannot be used. */
  share: DrainBudget;
  shares: Shares;
}

/** A node whose share of the drain rate is zero tries again after this time. */
const NO_SHARE_MS = 1_000;

/** Takes drain tokens from Redis. While Redis cannot be used, the node uses its share of the drain rate. */
export class RedisDrainBudget implements DrainBudget {
  readonly #deps: DrainBudgetDeps;

  constructor(deps: DrainBudgetDeps) {
    this.#deps = deps;
  }

  async takeDrainTokens(wanted: number): Promise<{ granted: number; nextAfterMs: number }> {
    const { lease, share, shares } = this.#deps;
    const perSecond = shares.leftToLedger.connectionsPerSecond;
    const reply =
      perSecond > 0 ? await lease.run("takeDrainTokens", [perSecond, drainCapacity(perSecond), wanted]) : undefined;
    if (reply !== undefined) return { granted: Number(reply[0]), nextAfterMs: Number(reply[1]) };
    const granted = shares.granted.connectionsPerSecond;
    if (granted === 0) return { granted: 0, nextAfterMs: NO_SHARE_MS };
    share.setDrainRate(granted);
    return share.takeDrainTokens(wanted);
  }

  async announceDrain(connections: number): Promise<{ connectionsLeft: number }> {
    const { lease, share } = this.#deps;
    const reply = await lease.run("announceDrain", [connections]);
    if (reply !== undefined) return { connectionsLeft: Number(reply[0]) };
    return { connectionsLeft: (await share.announceDrain(connections)).connectionsLeft * lease.nodes };
  }

  setDrainRate(connectionsPerSecond: number): void {
    this.#deps.shares.setDrainRate(connectionsPerSecond);
  }
}
