import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { verifier } from "./auth/verifier.ts";
import type { Bus } from "./broadcast/bus/bus.ts";
import { noBus } from "./broadcast/bus/no-bus.ts";
import { redisBus } from "./broadcast/bus/redis-bus.ts";
import type { Config } from "./config.ts";
import { Drain } from "./drain/drain.ts";
import { makeGateway } from "./gateway.ts";
import type { Gateway } from "./gateway.ts";
import { largeGarbage } from "./edge/large-garbage.ts";
import type { Parts } from "./deps.ts";
import { startUpkeep } from "./connections/connection-watchdog.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Limits } from "./protocol/limits.ts";
import { memoryLedger } from "./ledger/memory/memory-ledger.ts";
import { redisLedger } from "./ledger/redis/redis-ledger.ts";
import { listen } from "./edge/listen.ts";
import { LiveState } from "./live-config/live-state.ts";
import { watchConfigFile } from "./live-config/watch-config-file.ts";
import type { Logger } from "./observability/logger.ts";
import { makeMetrics } from "./observability/metrics.ts";
import type { Metrics } from "./observability/metrics.ts";
import { onceAMinute } from "./observability/once-a-minute.ts";
import type { Tracing } from "./observability/tracing.ts";
import { adminRoutes, listenForDisconnects } from "./private-api/admin-routes.ts";
import { privateListener } from "./private-api/private-listener.ts";
import { probeRoutes } from "./private-api/probe-routes.ts";
import { publishRoute } from "./private-api/publish-route.ts";
import { release } from "./release.ts";

/** Clocks and dice, which nothing below reads by itself. */
export interface World {
  nowMs: () => number;
  random: () => number;
}

/** A gateway that listens. */
export interface Running {
  publicPort: number;
  privatePort: number;
  gateway: Gateway;
  ledger: Ledger;
  bus: Bus;
  /** Moves every client elsewhere, then closes. Asked again, it is the same stop. */
  stop(): Promise<void>;
  /** Shortens a stop that has begun: what is left is closed at once. */
  hurry(): void;
  /** Closes at once, as a crash would look to clients, but tidily for this process. */
  close(): Promise<void>;
}

/**
 * Assembles a gateway and starts it. It listens whether or not Redis can be reached: readiness tells that. Throws when a port
 * cannot be had.
 */
export async function start(
  config: Config,
  nodeId: string,
  logger: Logger,
  { nowMs, random }: World,
): Promise<Running> {
  const startedAtMs = nowMs();
  const live = new LiveState(config.live);
  const metrics: Metrics = makeMetrics({
    connections: () => gateway.connections.size - gateway.halfOpen(),
    halfOpen: () => gateway.halfOpen(),
    ledger: () => ledger.state(),
    bus: () => bus.state(),
    drain: () => drain.state(),
  });
  const { ledger, bus } = shared({
    config,
    nodeId,
    logger,
    nowMs,
    random,
    limits: live.limits,
    metrics,
  });
  const tracing = await tracingOf(config, nodeId, logger, nowMs);
  const parts: Parts = {
    config,
    live,
    ledger,
    bus,
    verify: verifier(config.auth, metrics, logger),
    logger,
    metrics,
    tracing,
    nowMs,
    newId: randomUUID,
  };
  const gateway = makeGateway(parts);
  const drain = new Drain({ gateway, ledger, live, metrics, logger, nowMs, wait });
  const upkeep = startUpkeep(gateway, parts);
  const isAlone = config.redis === undefined;
  if (!isAlone) listenForDisconnects(gateway);
  const drainTimeoutMs = config.drainTimeoutSeconds * 1_000;
  const admin = privateListener({
    routes: [
      ...probeRoutes({
        ...{ gateway, bus, ledger, live, metrics },
        drain: () => drain.state(),
        isListening: () => gateway.http.listening,
        uptimeSeconds: () => (nowMs() - startedAtMs) / 1_000,
      }),
      ...adminRoutes({
        gateway,
        ledger,
        live,
        drain,
        drainTimeoutMs,
        isAlone,
        logger,
        nowMs,
        sweep: () => upkeep.sweep(),
      }),
      publishRoute({ gateway, ledger, bus, live, tracing }),
    ],
    adminToken: config.adminToken,
    maxBodyBytes: () => 2 * live.limits.maxMessageBytes + API_BODY_BYTES,
    onReceived: largeGarbage(globalThis.gc),
    metrics,
    logger,
  });

  // Before anybody is let in: a pod that starts anew goes by the limits in force, not by its environment.
  const stopWatching =
    config.liveConfigFile === undefined ? () => undefined : await watchConfigFile(config.liveConfigFile, live, logger);
  // Probes answer before clients come.
  const privatePort = await listen(admin, config.adminPort);
  const publicPort = await listen(gateway.http, config.port);
  logger.info(
    { publicPort, privatePort, transports: config.transports, environment: config.nodeEnv },
    "gateway listens",
  );

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= tearDown());
  return {
    ...{ publicPort, privatePort, gateway, ledger, bus, close },
    async stop() {
      await drain.start(nowMs() + drainTimeoutMs);
      await close();
    },
    hurry: () => drain.hurry(),
  };

  async function tearDown(): Promise<void> {
    stopWatching();
    upkeep.stop();
    await gateway.close();
    await ledger.close();
    await bus.close();
    await tracing?.stop();
    admin.closeAllConnections();
    await new Promise((resolve) => admin.close(resolve));
    logger.info("gateway closed");
  }
}

/** A body may hold a message of twice the limit in escapes, and the fields around it. */
const API_BODY_BYTES = 65_536;

interface SharedOptions extends World {
  config: Config;
  nodeId: string;
  logger: Logger;
  limits: Limits;
  metrics: Metrics;
}

/** What gateways of one cluster share: the ledger and the bus. */
function shared({
  config: { redis: targets, redisPrefix: prefix },
  nodeId,
  logger,
  nowMs: now,
  random,
  limits,
  metrics,
}: SharedOptions): { ledger: Ledger; bus: Bus } {
  const [target] = targets ?? [];
  const logForgotten = onceAMinute(now, (keys) => logger.warn({ keys }, "idempotency keys forgotten, too many"));
  const onKeyForgotten = (): void => {
    metrics.idempotencyKeysForgotten.inc();
    logForgotten(1, "");
  };
  if (targets === undefined || target === undefined)
    return { ledger: memoryLedger({ limits, now, onKeyForgotten }), bus: noBus() };
  return {
    // Messages may take any of several Redis; the ledger is in the first, or limits would be counted twice.
    ledger: redisLedger({ target, prefix, nodeId, limits, logger, now, random, onKeyForgotten }),
    bus: redisBus({ targets, prefix, nodeId, logger, observer: metrics.busObserver, now, random }),
  };
}

/** Imported only where it is wished for: the gateway starts no slower without it. */
async function tracingOf(
  { tracing }: Config,
  nodeId: string,
  logger: Logger,
  nowMs: () => number,
): Promise<Tracing | undefined> {
  if (tracing === undefined) return undefined;
  const { startTracing } = await import("./observability/tracing.ts");
  return startTracing(
    tracing,
    { nodeId, release },
    onceAMinute(nowMs, (spans, reason) => logger.warn({ spans, reason }, "spans could not be sent")),
  );
}

async function wait(afterMs: number, signal: AbortSignal): Promise<void> {
  await sleep(afterMs, undefined, { signal }).catch(() => undefined);
}
