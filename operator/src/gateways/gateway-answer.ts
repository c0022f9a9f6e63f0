import type { InexactLimits, IssuerKeys } from "./gateway-health.ts";

/** What a gateway reported on its private port. */
export interface GatewayAnswer {
  askedAtMs: number;
  /** Why the gateway did not answer, or what was wrong with its answer. */
  problem?: string;
  /** Number of failures in a row. */
  failures?: number;
  /** Hash of the live configuration that was last sent to the gateway. */
  askedFor?: string;
  /** Hash and generation of the gateway's current live configuration. */
  hash?: string;
  generation?: number;
  connections?: number;
  isDraining?: boolean;
  /** Why the gateway accepts no new clients, in its own words. */
  unready?: string;
  /** State of the gateway's connection to the other gateways through Redis, while it does not work. */
  bus?: { phase: "never" | "down"; reason?: string };
  /** The limits that this gateway cannot count for the whole cluster. */
  inexact?: InexactLimits;
  /** Issuers whose keys it cannot read now. */
  issuers?: readonly IssuerKeys[];
  /** The network of a proxy that spec.trustedProxies lacks, or "unknown". */
  unlistedProxy?: string;
}
