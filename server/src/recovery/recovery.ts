import { setTimeout as sleep } from "node:timers/promises";
import type { LiveConfig } from "../live-config/live-config.ts";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import { newOrigin } from "../node-id.ts";
import type { RedisTarget } from "../redis/redis-address.ts";
import { ClientSessions } from "./client-sessions.ts";
import { GoneOutbox } from "./gone/gone-outbox.ts";
import { DeadOwners, type DeadOwnersOptions } from "./dead-owners.ts";
import { RecoveryLog } from "./recovery-log.ts";
import type { RecoveryLink } from "./redis/recovery-link.ts";
import { OwnerStore } from "./redis/owner-store.ts";
import { SessionStore, type SessionStoreOptions } from "./redis/session-store.ts";

/**
 * Everything that a returning client needs to get its session and missed messages back: the message log and the
 * sessions.
 */
export interface Recovery {
  log: RecoveryLog;
  sessions: ClientSessions;
  /** The ended sessions that must still be reported to the application. */
  gone: GoneOutbox;
  graceMs: () => number;
  /**
   * Starts to watch for dead gateways. When the grace period has passed, `leave` removes their clients from their
   * rooms.
   */
  watchOwners(leave: DeadOwnersOptions["leave"]): void;
  /** Turns recovery on if a window is configured. Must be called before the first client connects. */
  start(): void;
  /** Turns recovery on or off while clients are connected. Must be called after a change of the configuration. */
  follow(): void;
  close(): void;
}

export interface RecoveryOptions {
  target: RedisTarget | undefined;
  prefix: string;
  nodeId: string;
  /** Reads the current configuration. */
  live: () => LiveConfig["recovery"];
  maxBytes: number;
  mostSessions: () => number;
  /** Whether the application wants to be told when a client has left. */
  isGoneWanted: () => boolean;
  metrics: Pick<Metrics, "recovery">;
  logger: Logger;
  nowMs: () => number;
  random: () => number;
}

/**
 * Redis keeps a session for this long in addition to the window, because the last write of a session can be this old
 * when its client disconnects.
 */
const KEEP_AFTER_MS = 90_000;
const ORIGIN_LENGTH = 8;

export function makeRecovery(options: RecoveryOptions): Recovery {
  const { target, prefix, nodeId, live, maxBytes, metrics, logger, nowMs, random } = options;
  const owner = nodeId.slice(-ORIGIN_LENGTH);
  const windowMs = (): number => live().windowSeconds * 1_000;
  const log = new RecoveryLog({
    ...{ origin: owner, newOrigin: () => newOrigin(random) },
    ...{ target, prefix, windowMs, maxBytes, logger, nowMs, random },
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
  const graceMs = (): number => Math.min(live().presenceGraceSeconds * 1_000, windowMs());
  const onNews: SessionStoreOptions["onNews"] = (news) => sessions.heard(news);
  const link = (): RecoveryLink | undefined => log.link;
  const store = target === undefined ? undefined : new SessionStore({ link, owner, keepMs, most, onNews });
  const gone = new GoneOutbox({
    ...{ link, nowMs, isWanted: options.isGoneWanted },
    // Without recovery no client can return, but the application is still told only after the grace period.
    graceMs: () => (windowMs() === 0 ? live().presenceGraceSeconds * 1_000 : graceMs()),
  });
  const owners = target === undefined ? undefined : new OwnerStore(link, owner);
  const sessions: ClientSessions = new ClientSessions({ store, owners, owner, gone, windowMs, most, nowMs });
  let watch: DeadOwners | undefined;
  log.onUp(() => sessions.putAll());
  log.onClaimed((hash, generation, by) => sessions.takenElsewhere(hash, generation, by));
  metrics.recovery.readWindow(() => ({
    held: log.windowSeconds,
    promised: live().windowSeconds,
    isUp: log.problem === undefined,
  }));

  function turnOff(): void {
    sessions.turnOff();
    const ended = log.turnOff();
    store?.turnOff(ended?.link);
    ended?.leave();
    logger.info("recovery turned off");
  }

  return {
    ...{ log, sessions, gone, graceMs },
    watchOwners(leave) {
      if (owners === undefined) return;
      const wait = (ms: number): Promise<void> => sleep(ms, undefined, { ref: false });
      watch = new DeadOwners({
        ...{ owners, gone, graceMs, leave, logger, nowMs, wait },
        onForgotten: () => sessions.putAll(),
      });
    },
    start() {
      if (windowMs() > 0) log.start();
    },
    follow() {
      if (windowMs() === 0 && log.isFollowing) turnOff();
      if (windowMs() === 0 || log.isFollowing) return;
      log.open();
      logger.info("recovery turned on");
    },
    close() {
      watch?.close();
      sessions.close();
      log.close();
    },
  };
}
