import type { AppHandlers } from "./app-handlers/app-handlers.ts";
import type { VerifyToken } from "./auth/identity.ts";
import type { WatchedKeys } from "./auth/verifier.ts";
import type { Bus } from "./broadcast/bus/bus.ts";
import type { Config } from "./config.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { LiveState } from "./live-config/live-state.ts";
import type { Logger } from "./observability/logger.ts";
import type { Metrics } from "./observability/metrics.ts";
import type { Recovery } from "./recovery/recovery.ts";
import type { Tracing } from "./observability/tracing.ts";

/** Everything that the parts of a gateway need. They get time and random numbers only from here. */
export interface GatewayDeps {
  config: Config;
  live: LiveState;
  ledger: Ledger;
  bus: Bus;
  recovery: Recovery;
  /** Checks a client's token. Undefined if tokens are not checked. */
  verify: VerifyToken | undefined;
  issuerKeys: WatchedKeys;
  appHandlers: AppHandlers;
  logger: Logger;
  metrics: Metrics;
  /** Sends trace spans. Undefined if the gateway sends no traces. */
  tracing: Tracing | undefined;
  nowMs: () => number;
  newId: () => string;
  /** Returns a random number from 0 to 1. */
  random: () => number;
}

/** Sends an event to a room. If recovery is on, resolves to whether Redis has stored the event. */
export type Publish = (
  to: { namespace: string; room: string },
  event: string,
  data?: unknown,
) => Promise<boolean> | undefined;
