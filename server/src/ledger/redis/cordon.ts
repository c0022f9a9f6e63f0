import type { CordonLedger } from "../ledger.ts";
import type { Lease } from "./lease.ts";

/** A node that drains stays closed. An hour is longer than any drain. */
const RETIRED_MS = 3_600_000;
/** For the script: closes the node although no other one is open. */
const IN_ANY_CASE = 1;

/** The nodes in Redis that are closed to new clients. */
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

  /** Call when a new lease has begun: Redis knows closed nodes by their leases. */
  leaseBegun(): void {
    if (this.#isRetired) this.retire();
  }
}
