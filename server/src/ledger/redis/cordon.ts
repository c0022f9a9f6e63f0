import type { CordonLedger } from "../ledger.ts";
import type { Lease } from "./lease.ts";

/** How long a draining node stays closed. An hour is longer than any drain. */
const RETIRED_MS = 3_600_000;
/** Argument of the script `cordon`: closes the node even if no other node is open. */
const IN_ANY_CASE = 1;

/** Closes nodes to new clients. Redis has the list of closed nodes. */
export class RedisCordon implements CordonLedger {
  readonly #lease: Pick<Lease, "ask">;
  #isRetired = false;

  constructor(lease: Pick<Lease, "ask">) {
    this.#lease = lease;
  }

  async cordon(forMs: number): Promise<boolean> {
    return !this.#isRetired && (await this.#lease.ask("cordon", [forMs, 0]))?.reply[0] === 1;
  }

  async uncordon(): Promise<void> {
    if (!this.#isRetired) await this.#lease.ask("uncordon", []);
  }

  /** Closes this node until it stops. */
  retire(): void {
    this.#isRetired = true;
    void this.#lease.ask("cordon", [RETIRED_MS, IN_ANY_CASE]);
  }

  /**
   * Closes this node again if it was closed until its stop. Must be called when a new lease of this node has begun,
   * because Redis lists closed nodes by the ids of their leases.
   */
  leaseBegun(): void {
    if (this.#isRetired) this.retire();
  }
}
