import { randomBytes } from "node:crypto";
import type { Config } from "./config.ts";
import type { Clock } from "./engine/clock.ts";
import { KeyedQueue } from "./engine/keyed-queue.ts";
import { LeaseElection } from "./engine/lease-election.ts";
import { done, type Outcome } from "./engine/outcome.ts";
import { runWorkers } from "./engine/workers.ts";
import type { Kube } from "./kube/kube.ts";
import { leaseStore } from "./kube/lease.ts";
import { countedKube } from "./observability/counted-kube.ts";
import type { OperatorLogger } from "./observability/logger.ts";
import { passRecorder } from "./observability/pass-recorder.ts";
import { makeMetrics } from "./observability/metrics.ts";
import { probes } from "./observability/probes.ts";
import { textServer, type TextServer } from "./observability/text-server.ts";
import type { GatewayPods } from "./gateways/gateway-pods.ts";
import { Memory } from "./reconcile/memory.ts";
import { reconcile } from "./reconcile/reconcile.ts";
import { Watches } from "./watches/watches.ts";

export interface OperatorDeps {
  config: Config;
  kube: Kube;
  gateways: GatewayPods;
  logger: OperatorLogger;
  clock: Clock;
  random: () => number;
}

/**
 * Runs the operator until the signal aborts. Every replica watches, and only the leader writes. If a port cannot be
 * opened, the function stops what it has started, and rejects.
 */
export async function runOperator(
  { config, kube: plainKube, gateways, logger, clock, random }: OperatorDeps,
  signal: AbortSignal,
): Promise<void> {
  let isLeading = false;
  let events = 0;
  const kube = countedKube(plainKube, (verb, code) => metrics.apiRequests.inc({ verb, code }));
  const queue = new KeyedQueue({ clock, random });
  const watches = new Watches({
    kube,
    namespaces: config.watchNamespaces,
    onKey: (key) => queue.add(key),
    logger,
    clock,
    random,
  });
  const metrics = makeMetrics({
    queueDepth: () => queue.depth,
    isLeader: () => isLeading,
    isSynced: () => watches.isSynced,
    clusters: () => watches.clusterKeys.length,
    watchAgeSeconds: () => (watches.isSynced ? (clock.now() - watches.heardAtMs) / 1000 : 0),
  });
  const ports = {
    kube,
    gateways,
    watches,
    memory: new Memory(),
    logger,
    identity: config.identity,
    release: { images: config.images, upgrade: config.upgrade, operatorNamespace: config.namespace },
    now: () => clock.now(),
    draw: (bytes: number) => randomBytes(bytes).toString("hex"),
    // Names begin with the time, because kubectl lists events of one second by their names.
    eventName: (clusterName: string) =>
      `${clusterName}.${clock.now().toString(16)}${(++events % 4096).toString(16).padStart(3, "0")}${randomBytes(3).toString("hex")}`,
  };

  async function lead(leading: AbortSignal): Promise<void> {
    isLeading = true;
    logger.info({ identity: config.identity }, "started leading");
    for (const key of watches.clusterKeys) queue.add(key);
    // Skip a cluster whose watches are not in sync yet. When they are in sync, they add the cluster's key to the queue.
    const work = (key: string, working: AbortSignal): Promise<Outcome> =>
      watches.knows(key) ? reconcile(key, ports, working) : Promise.resolve(done);
    await runWorkers(
      { queue, count: config.concurrency, clock, work, onOutcome: passRecorder(metrics, logger) },
      leading,
    );
    isLeading = false;
    // Losing the lease is logged as a warning. It means that the API server or the operator's node is overloaded, and
    // no other log says so.
    if (ended.aborted) logger.info({ identity: config.identity }, "stopped leading");
    else
      logger.warn(
        { identity: config.identity, why: "the lease was not renewed in time, or another operator took it" },
        "stopped leading",
      );
  }

  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  const servers: TextServer[] = [];
  let watching: Promise<void> | undefined;
  try {
    servers.push(await textServer(config.healthPort, probes(watches, clock)));
    servers.push(
      await textServer(config.metricsPort, {
        "/metrics": async () => ({
          status: 200,
          body: await metrics.registry.metrics(),
          contentType: metrics.registry.contentType,
        }),
      }),
    );
    logger.info({ healthPort: servers[0]?.port, metricsPort: servers[1]?.port }, "serving probes and metrics");
    watching = watches.run(ended);
    if (config.leaseName === undefined) await lead(ended);
    else {
      const store = leaseStore(kube, config.namespace, config.leaseName);
      const election = new LeaseElection({
        store,
        identity: config.identity,
        clock,
        random,
        onTrouble: (error) => logger.warn({ err: error }, "lease could not be read or renewed"),
      });
      while (!ended.aborted) await election.run(lead, ended);
    }
  } finally {
    stop.abort();
    await watching;
    await Promise.all(servers.map((server) => server.close()));
  }
}
