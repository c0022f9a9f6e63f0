import type { NewerField } from "./gateway-client.ts";
import type { HandlerFailure, InexactLimits, IssuerKeys, RecoveryHealth } from "./gateway-health.ts";

/** What a gateway reported on its private port. */
export interface GatewayAnswer {
  askedAtMs: number;
  /** Why the gateway did not answer, or what was wrong with its answer. */
  problem?: string;
  /** How many requests to this gateway in a row have failed. */
  failures?: number;
  /** Hash of the live configuration that the operator last sent to this gateway. */
  askedFor?: string;
  /** Hash and generation of the live configuration that the gateway uses now. */
  hash?: string;
  generation?: number;
  /** Fields of the live configuration that the gateway does not know. */
  lacks?: readonly NewerField[];
  connections?: number;
  /** All connections of the cluster, as this gateway counts them in Redis. Undefined while it cannot. */
  clusterConnections?: number;
  isDraining?: boolean;
  /** Why the gateway accepts no new clients, as text from the gateway. */
  unready?: string;
  /** Why this gateway cannot exchange messages with other gateways through Redis. Undefined while it can. */
  bus?: { phase: "never" | "down"; reason?: string };
  /**
   * Both in seconds. `windowSeconds`: a client that was away for at most this long gets all messages that it missed.
   * `promisedSeconds`: the value that spec.recovery promises.
   */
  recovery?: RecoveryHealth;
  /** The limits that this gateway cannot count for the whole cluster, with the reason. */
  inexact?: InexactLimits;
  /** Token issuers whose keys this gateway cannot load. */
  issuers?: readonly IssuerKeys[];
  /** Handlers of the application to which five or more requests of this gateway in a row have failed. */
  handlers?: readonly HandlerFailure[];
  /** The network of a proxy that the gateway saw and that spec.trustedProxies does not list, or "unknown". */
  unlistedProxy?: string;
}
