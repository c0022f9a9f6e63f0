import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AppHandlers } from "./app-handlers/app-handlers.ts";
import { GoneCourier } from "./app-handlers/gone-courier.ts";
import type { HandlersModule } from "./app-handlers/module/handlers-module.ts";
import { startVerifier, type Verifier } from "./auth/verifier.ts";
import type { Bus } from "./broadcast/bus/bus.ts";
import { noBus } from "./broadcast/bus/no-bus.ts";
import { redisBus } from "./broadcast/bus/redis-bus.ts";
import type { Config } from "./config.ts";
import { startNotingAddresses } from "./connections/address-accounts.ts";
import { startConnectionWatchdog } from "./connections/connection-watchdog.ts";
import { startSeatSweep } from "./connections/seat-sweep.ts";
import type { GatewayDeps } from "./deps.ts";
import { Cordon } from "./drain/cordon.ts";
import { Drain } from "./drain/drain.ts";
import { listen } from "./edge/listen.ts";
import { makeGateway, type Gateway } from "./gateway.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { memoryLedger } from "./ledger/memory/memory-ledger.ts";
import { redisLedger } from "./ledger/redis/redis-ledger.ts";
import { LiveState } from "./live-config/live-state.ts";
import { watchConfigFile } from "./live-config/watch-config-file.ts";
import type { Logger } from "./observability/logger.ts";
import { makeMetrics, type Metrics } from "./observability/metrics.ts";
import { onceAMinute } from "./observability/once-a-minute.ts";
import type { Tracing } from "./observability/tracing.ts";
import { privateApi } from "./private-api/private-api.ts";
import type { Limits } from "./protocol/limits.ts";
import { makeRecovery } from "./recovery/recovery.ts";
import type { RecoveryLog } from "./recovery/recovery-log.ts";
import { release } from "./release.ts";

/** The clock, random numbers, and the application's code. All code of the gateway gets them as arguments. */
export interface World {
  nowMs: () => number;
  random: () => number;
  /** The application's handlers that run in this process. Undefined if HANDLERS_MODULE is not set. */
  handlersModule?: HandlersModule | undefined;
}

/** A gateway that has started and listens. */
export interface Running {
  publicPort: number;
  privatePort: number;
  gateway: Gateway;
  ledger: Ledger;
  bus: Bus;
  /** Drains: moves all clients to other gateways, then closes. A second call returns the promise of the first one. */
  stop(): Promise<void>;
  /** Ends a running drain early: closes the remaining connections at once. */
  hurry(): void;
  /** Closes all connections at once, without a drain, and releases all resources of the gateway. */
  close(): Promise<void>;
}

/**
 * Builds a gateway and starts it. It listens even if Redis cannot be reached; the readiness probe then reports the
 * problem. Throws if a port is in use.
 */
export async function start(config: Config, nodeId: string, logger: Logger, world: World): Promise<Running> {
  const { nowMs } = world;
  const startedAtMs = nowMs();
  const metrics: Metrics = makeMetrics({
    version: release,
    connections: () => gateway.seatedCount(),
    halfOpen: () => gateway.pendingCount(),
    outboundBytes: () => gateway.outboundBytes(),
    ledger: () => deps.ledger.state(),
    bus: () => deps.bus.state(),
    drain: () => drain.state(),
    issuers: () => deps.issuerKeys.states(),
  });
  const deps = await depsOf({ config, nodeId, logger, metrics, ...world });
  const { live, ledger, bus, tracing } = deps;
  const gateway = makeGateway(deps);
  const drain = new Drain({ ...deps, gateway, wait, delayMs: config.drainDelaySeconds * 1_000 });
  gateway.aged.moveWith(drain);
  const cordon = new Cordon({ ledger, connections: gateway.connections, nowMs, wait });
  const stopping = new AbortController();
  const watchdog = startConnectionWatchdog(gateway.watched, deps);
  const sweeps = startSeatSweep(gateway.connections, deps);
  const notes = startNotingAddresses(gateway.connections, deps);
  const courier = new GoneCourier({ ...deps, outbox: deps.recovery.gone });
  const uptimeSeconds = (): number => (nowMs() - startedAtMs) / 1_000;
  const privateServer = privateApi(deps, {
    ...{ gateway, drain, cordon, uptimeSeconds, signal: stopping.signal },
    sweep: () => sweeps.sweep(),
  });

  // Read the live configuration before the first client connects, because the limits in the environment are possibly
  // older.
  const stopWatching =
    config.liveConfigFile === undefined ? () => undefined : await watchConfigFile(config.liveConfigFile, live, logger);
  deps.recovery.start();
  live.onChange(() => deps.recovery.follow());
  // Open the private listener first, so that probes get answers before the first client connects.
  const privatePort = await listen(privateServer, config.adminPort);
  const publicPort = await listen(gateway.http, config.port);
  const { transports, nodeEnv: environment } = config;
  logger.info({ version: release, publicPort, privatePort, transports, environment }, "gateway started");

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= tearDown());
  return {
    ...{ publicPort, privatePort, gateway, ledger, bus, close },
    async stop() {
      await drain.start(nowMs() + config.drainTimeoutSeconds * 1_000);
      await close();
    },
    hurry: () => drain.hurry(),
  };

  async function tearDown(): Promise<void> {
    stopping.abort();
    cordon.stop();
    stopWatching();
    deps.issuerKeys.stop();
    watchdog.stop();
    sweeps.stop();
    notes.stop();
    courier.stop();
    await deps.appHandlers.stop();
    await gateway.close();
    await ledger.close();
    await bus.close();
    deps.recovery.close();
    await tracing?.stop();
    privateServer.closeAllConnections();
    await new Promise((resolve) => privateServer.close(resolve));
    logger.info("gateway stopped");
  }
}

interface DepsOptions extends World {
  config: Config;
  nodeId: string;
  logger: Logger;
  metrics: Metrics;
}

async function depsOf(options: DepsOptions): Promise<GatewayDeps> {
  const { config, nodeId, logger, metrics, nowMs } = options;
  const live = new LiveState(config.live, { canSign: config.handlerSecret !== undefined });
  const tracing = await tracingOf(config, nodeId, logger, nowMs);
  const appHandlers = new AppHandlers({
    ...{ live, logger, metrics, tracing, nowMs, secret: config.handlerSecret, cluster: config.redisPrefix },
    module: options.handlersModule,
  });
  const recovery = makeRecovery({
    ...{ nodeId, logger, metrics, nowMs, random: options.random },
    ...{ target: config.redis?.[0], prefix: config.redisPrefix, maxBytes: config.recoveryMaxBytes },
    live: () => live.config.recovery,
    mostSessions: () => live.limits.maxConnections,
    isGoneWanted: () => appHandlers.hook("gone") !== undefined,
  });
  return {
    ...{ config, live, logger, metrics, nowMs, recovery, tracing, appHandlers, newId: randomUUID },
    random: options.random,
    ...shared({ ...options, limits: live.limits, log: recovery.log }),
    ...verifierOf(options),
  };
}

function verifierOf({ config, logger, metrics, nowMs }: DepsOptions): Verifier {
  return startVerifier(config.auth, {
    nowMs,
    fetch,
    onFetchFailed(issuer, reason, kind) {
      metrics.jwksFailures.inc();
      if (kind === "new") logger.warn({ issuer, reason }, "issuer keys cannot be loaded");
    },
    onFetched: (issuer) => logger.info({ issuer }, "issuer keys loaded"),
  });
}

interface SharedOptions extends World {
  config: Config;
  nodeId: string;
  logger: Logger;
  limits: Limits;
  metrics: Metrics;
  log: RecoveryLog;
}

/** The ledger and the bus, which connect the gateways of a cluster. */
function shared(options: SharedOptions): { ledger: Ledger; bus: Bus } {
  const { config, nodeId, logger, nowMs: now, random, limits, metrics, log } = options;
  const { redis: targets, redisPrefix: prefix } = config;
  const [target] = targets ?? [];
  const logForgotten = onceAMinute(now, (keys) =>
    logger.warn({ keys }, "too many idempotency keys, the oldest were dropped"),
  );
  const onKeyForgotten = (): void => {
    metrics.idempotencyKeysForgotten.inc();
    logForgotten(1, "");
  };
  if (targets === undefined || target === undefined)
    return { ledger: memoryLedger({ limits, now, onKeyForgotten }), bus: noBus() };
  // All Redis servers carry messages, but only the first one stores the ledger. With several ledgers, each would allow
  // the whole limit.
  const ledger = redisLedger({
    ...{ target, prefix, nodeId, limits, logger, now, random },
    bus: { view: () => ({ hearing: bus.hearing(), nodes: bus.nodes() }), announce: () => bus.announce() },
  });
  const bus = redisBus({
    ...{ targets, prefix, nodeId, logger, observer: metrics.busObserver, now, random, log },
    announcements: { text: () => ledger.announcement(), heard: (id, text) => ledger.heard(id, text) },
  });
  return { ledger, bus };
}

/** Imports the tracing code only if it is configured, because the import makes the start slower. */
async function tracingOf(
  { tracing }: Config,
  nodeId: string,
  logger: Logger,
  nowMs: () => number,
): Promise<Tracing | undefined> {
  if (tracing === undefined) return undefined;
  const { startTracing } = await import("./observability/tracing.ts");
  const onLost = (spans: number, reason: string): void =>
    logger.warn({ spans, reason }, "trace spans could not be sent");
  return startTracing(tracing, { nodeId, release }, onceAMinute(nowMs, onLost));
}

async function wait(afterMs: number, signal: AbortSignal): Promise<void> {
  await sleep(afterMs, undefined, { signal }).catch(() => undefined);
}
