import type { NewerField } from "./gateway-client.ts";
import type { HandlerFailure, InexactLimits, IssuerKeys } from "./gateway-health.ts";

/** What a gateway reported on its private port. */
export interface GatewayAnswer {
  askedAtMs: number;
  /** Why the gateway did not answer, or what was wrong with its answer. */
  problem?: string;
  /** How many requests have failed in a row. */
  failures?: number;
  /** Hash of the live configuration that was last sent to the gateway. */
  askedFor?: string;
  /** Hash and generation of the gateway's current live configuration. */
  hash?: string;
  generation?: number;
  /** Fields of the live configuration that the gateway does not know. */
  lacks?: readonly NewerField[];
  connections?: number;
  isDraining?: boolean;
  /** Why the gateway accepts no new clients, in its own words. */
  unready?: string;
  /** Why this gateway cannot reach other gateways through Redis. Undefined while it can. */
  bus?: { phase: "never" | "down"; reason?: string };
  /** The longest absence after which a client gets all that it missed, and the promised one, in seconds. */
  recovery?: { windowSeconds: number; promisedSeconds: number };
  /** The limits that this gateway cannot count for the whole cluster. */
  inexact?: InexactLimits;
  /** Issuers whose keys this gateway cannot read now. */
  issuers?: readonly IssuerKeys[];
  /** Handlers that do not answer this gateway validly. */
  handlers?: readonly HandlerFailure[];
  /** The network of a proxy that is not in spec.trustedProxies, or "unknown". */
  unlistedProxy?: string;
}
