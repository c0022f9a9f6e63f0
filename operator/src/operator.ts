import { randomBytes } from "node:crypto";
import { LeaseElection } from "./engine/lease-election.ts";
import { KeyedQueue } from "./engine/keyed-queue.ts";
import { runWorkers } from "./engine/workers.ts";
import type { Clock } from "./kube/clock.ts";
import type { Kube } from "./kube/kube.ts";
import { leaseStore } from "./kube/lease.ts";
import type { Config } from "./config.ts";
import { countedKube } from "./observability/counted-kube.ts";
import { makeMetrics } from "./observability/metrics.ts";
import { textServer } from "./observability/text-server.ts";
import type { OperatorLogger } from "./observability/logger.ts";
import type { GatewayPods } from "./reconcile/gateway-pods.ts";
import { Memory } from "./reconcile/memory.ts";
import { reconcile } from "./reconcile/reconcile.ts";
import { Watches } from "./reconcile/watches.ts";

export interface OperatorParts {
  config: Config;
  kube: Kube;
  gateways: GatewayPods;
  logger: OperatorLogger;
  clock: Clock;
  random: () => number;
}

/** Silence on a watch beyond this is taken for a dead operator: the kubelet restarts it. Watches renew themselves long before. */
const deadAfterMs = 15 * 60_000;

/** Runs the operator until the signal aborts: everyone watches, the leader acts. Rejects when a port cannot be opened. */
export async function runOperator({ config, kube: plainKube, gateways, logger, clock, random }: OperatorParts, signal: AbortSignal): Promise<void> {
  let isLeading = false;
  const kube = countedKube(plainKube, (verb, code) => metrics.apiRequests.inc({ verb, code }));
  const queue = new KeyedQueue({ clock, random });
  const watches = new Watches({ kube, namespaces: config.watchNamespaces, onKey: (key) => queue.add(key), logger, clock, random });
  const watchAgeMs = () => clock.now() - watches.heardAtMs;
  const metrics = makeMetrics({
    queueDepth: () => queue.depth,
    isLeader: () => isLeading,
    isSynced: () => watches.isSynced,
    clusters: () => watches.clusterKeys.length,
    watchAgeSeconds: () => (watches.isSynced ? watchAgeMs() / 1000 : 0),
  });
  const servers = await Promise.all([
    textServer(config.healthPort, {
      "/livez": () => (!watches.isSynced || watchAgeMs() < deadAfterMs ? { status: 200, body: "ok\n" } : { status: 500, body: `the API server was last heard ${Math.round(watchAgeMs() / 1000)} s ago\n` }),
      "/readyz": () => (watches.isSynced ? { status: 200, body: "ok\n" } : { status: 503, body: `${watches.problem ?? "reading what is there"}\n` }),
    }),
    textServer(config.metricsPort, { "/metrics": async () => ({ status: 200, body: await metrics.registry.metrics(), contentType: metrics.registry.contentType }) }),
  ]);
  const watching = watches.run(signal);
  const memory = new Memory();
  const ports = {
    kube,
    gateways,
    watches,
    memory,
    logger,
    identity: config.identity,
    release: { images: config.images, operatorNamespace: config.namespace },
    now: () => clock.now(),
    draw: (bytes: number) => randomBytes(bytes).toString("hex"),
    eventName: (clusterName: string) => `${clusterName}.${randomBytes(8).toString("hex")}`,
  };

  async function lead(leading: AbortSignal): Promise<void> {
    isLeading = true;
    logger.info({ identity: config.identity }, "this operator acts");
    for (const key of watches.clusterKeys) queue.add(key);
    await runWorkers(
      {
        queue,
        count: config.concurrency,
        clock,
        work: (key, working) => (watches.isSynced ? reconcile(key, ports, working) : Promise.resolve({ type: "done" })),
        onOutcome({ key, outcome, tookMs, waitedMs, nextAfterMs }) {
          metrics.reconciles.inc({ outcome: outcome.type });
          metrics.reconcileSeconds.observe(tookMs / 1000);
          metrics.queueSeconds.observe(waitedMs / 1000);
          if (outcome.type === "failed") logger.warn({ cluster: key, error: outcome.error.message, nextAfterMs: Math.round(nextAfterMs ?? 0) }, "cluster could not be reconciled, trying again");
          else if (outcome.type === "stuck") logger.warn({ cluster: key, reason: outcome.reason, problem: outcome.message }, "cluster waits for a change");
          else logger.debug({ cluster: key, outcome: outcome.type, tookMs }, "cluster looked at");
        },
      },
      leading,
    );
    isLeading = false;
    logger.info({ identity: config.identity }, "this operator acts no more");
  }

  if (config.leaseName === undefined) await lead(signal);
  else {
    const store = leaseStore(kube, config.namespace, config.leaseName);
    while (!signal.aborted) {
      const election = new LeaseElection({ store, identity: config.identity, clock, random, onTrouble: (error) => logger.warn({ err: error }, "the lease cannot be reached") });
      await election.run(lead, signal);
    }
  }
  await watching;
  await Promise.all(servers.map((server) => server.close()));
}
