import { setTimeout as sleep } from "node:timers/promises";
import type { Metrics } from "../observability/metrics.ts";
import type { Logger } from "../observability/logger.ts";
import type { RedisTarget } from "../redis/redis-address.ts";
import { ClientSessions } from "./client-sessions.ts";
import { DeadOwners, type DeadOwnersOptions } from "./dead-owners.ts";
import { GatewayLog } from "./gateway-log.ts";
import { OwnerStore } from "./redis/owner-store.ts";
import { SessionStore, type SessionStoreOptions } from "./redis/session-store.ts";

/** The parts that let a returning client recover: the message log and the sessions. */
export interface Recovery {
  log: GatewayLog;
  sessions: ClientSessions;
  graceMs: () => number;
  /** From now on this gateway tells the rooms of clients whose gateway has died, when the grace has passed. */
  watchOwners(leave: DeadOwnersOptions["leave"]): void;
  close(): void;
}

export interface RecoveryOptions {
  target: RedisTarget | undefined;
  prefix: string;
  nodeId: string;
  windowSeconds: number;
  maxBytes: number;
  graceSeconds: number;
  mostSessions: () => number;
  metrics: Pick<Metrics, "recovery">;
  logger: Logger;
  nowMs: () => number;
  random: () => number;
}

/**
 * Sessions are kept this much longer than the window, because the last write may be this old when the client
 * disconnects.
 */
const KEEP_AFTER_MS = 90_000;
const ORIGIN_LENGTH = 8;

/** Undefined when the window is 0. */
export function startRecovery(options: RecoveryOptions): Recovery | undefined {
  const { target, prefix, nodeId, windowSeconds, maxBytes, graceSeconds, metrics, logger, nowMs, random } = options;
  if (windowSeconds === 0) return undefined;
  const origin = nodeId.slice(-ORIGIN_LENGTH);
  const windowMs = (): number => windowSeconds * 1_000;
  const log = new GatewayLog({
    ...{ origin, target, prefix, windowMs, maxBytes, logger, nowMs, random },
    observer: {
      lost(messages) {
        metrics.recovery.lost.inc(messages);
        logger.warn({ messages }, "messages of other gateways were lost");
      },
      gap: (filled) => metrics.recovery.gaps.inc(filled),
      malformed: () => metrics.recovery.malformed.inc(),
    },
  });
  const most = (): number => 2 * options.mostSessions();
  const keepMs = (): number => windowMs() + KEEP_AFTER_MS;
  const onNews: SessionStoreOptions["onNews"] = (news) => sessions.heard(news);
  const { link } = log;
  const store = link === undefined ? undefined : new SessionStore({ link, owner: origin, keepMs, most, onNews });
  const owners = link === undefined ? undefined : new OwnerStore(link, origin);
  const sessions: ClientSessions = new ClientSessions({ store, owners, owner: origin, windowMs, most, nowMs });
  const graceMs = (): number => graceSeconds * 1_000;
  let watch: DeadOwners | undefined;
  log.onUp(() => sessions.putAll());
  log.onClaimed((hash, generation, by) => sessions.takenElsewhere(hash, generation, by));
  metrics.recovery.readWindow(() => log.windowSeconds);
  return {
    ...{ log, sessions, graceMs },
    watchOwners(leave) {
      if (owners === undefined) return;
      const wait = (ms: number): Promise<void> => sleep(ms, undefined, { ref: false });
      watch = new DeadOwners({ owners, graceMs, leave, onForgotten: () => sessions.putAll(), logger, nowMs, wait });
    },
    close() {
      watch?.close();
      sessions.close();
      log.close();
    },
  };
}
