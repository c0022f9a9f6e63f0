import type { DrainBudget } from "../ledger.ts";
import { drainCapacity } from "../token-bucket.ts";
import type { Lease } from "./lease.ts";

export interface DrainBudgetDeps {
  lease: Lease;
  /** Decides while Redis is away; `rate` is its part of the cluster's rate. */
  share: DrainBudget;
  shareOfRate: (connectionsPerSecond: number) => number;
}

/** The drain bucket in Redis; without Redis, this node's share of its rate. */
export class RedisDrainBudget implements DrainBudget {
  readonly #deps: DrainBudgetDeps;
  #perSecond = 100;

  constructor(deps: DrainBudgetDeps) {
    this.#deps = deps;
  }

  async takeDrainTokens(wanted: number): Promise<{ granted: number; nextAfterMs: number }> {
    const { lease, share, shareOfRate } = this.#deps;
    const reply = await lease.run("takeDrainTokens", [this.#perSecond, drainCapacity(this.#perSecond), wanted]);
    if (reply !== undefined) return { granted: Number(reply[0]), nextAfterMs: Number(reply[1]) };
    share.setDrainRate(shareOfRate(this.#perSecond));
    return share.takeDrainTokens(wanted);
  }

  async announceDrain(connections: number): Promise<{ connectionsLeft: number }> {
    const { lease, share } = this.#deps;
    const reply = await lease.run("announceDrain", [connections]);
    if (reply !== undefined) return { connectionsLeft: Number(reply[0]) };
    return { connectionsLeft: (await share.announceDrain(connections)).connectionsLeft * lease.nodes };
  }

  setDrainRate(connectionsPerSecond: number): void {
    this.#perSecond = connectionsPerSecond;
  }
}
