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

/** What a gateway is made of. Time and randomness come in here and nowhere else. */
export interface GatewayDeps {
  config: Config;
  live: LiveState;
  ledger: Ledger;
  bus: Bus;
  /** Undefined: a client that returns begins again. */
  recovery: Recovery | undefined;
  /** Undefined: tokens are not checked. */
  verify: VerifyToken | undefined;
  issuerKeys: WatchedKeys;
  logger: Logger;
  metrics: Metrics;
  /** Undefined: no spans. */
  tracing: Tracing | undefined;
  nowMs: () => number;
  newId: () => string;
}

/** Sends an event to a room; where recovery is on, answers whether Redis has stored it. */
export type Publish = (
  to: { namespace: string; room: string },
  event: string,
  data?: unknown,
) => Promise<boolean> | undefined;
