import type { InexactLimits } from "./gateway-health.ts";

/** What a gateway reported on its private port. */
export interface GatewayAnswer {
  askedAtMs: number;
  /** Why it did not answer, or not as expected. */
  problem?: string;
  /** How many times in a row it failed so. */
  failures?: number;
  /** Hash of the live configuration that was last pushed to it. */
  askedFor?: string;
  /** Hash and generation of the live configuration in force. */
  hash?: string;
  generation?: number;
  connections?: number;
  isDraining?: boolean;
  /** Why it takes no new clients, in its own words. */
  unready?: string;
  /** Its connection to the other gateways through Redis, while that is not up. */
  bus?: { phase: "never" | "down"; reason?: string };
  /** The limits that it does not count across the cluster. */
  inexact?: InexactLimits;
}
