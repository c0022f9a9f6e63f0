import { type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { until } from "../../../testkit/until.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import {
  apiVersion,
  kind,
  realtimeClusters,
  type Condition,
  type RealtimeCluster,
} from "../../src/api/realtime-cluster.ts";
import { resources } from "../../src/api/resources.ts";
import type { Config } from "../../src/config.ts";
import { systemClock } from "../../src/kube/system-clock.ts";
import { connect } from "../../src/kube/http/connect.ts";
import type { Kube } from "../../src/kube/kube.ts";
import type { Resource } from "../../src/kube/resource.ts";
import { makeLogger } from "../../src/observability/logger.ts";
import { runOperator } from "../../src/operator.ts";
import { fakeGateways, type FakeGateways } from "./fake-gateways.ts";
import { recordingKube } from "./recorded-requests.ts";

const DEADLINE_MS = 60_000;

export interface Running {
  /**
   * The operator's requests, without watches and lists, as text: "verb kind name" or "apply status RealtimeCluster
   * name".
   */
  requests: string[];
  gateways: FakeGateways;
  isLeading(): boolean;
  stop(): Promise<void>;
}

export interface RunOptions {
  identity?: string;
  kubeconfig?: string;
  /** The namespaces that the operator manages. Default: only the namespace of this ground. */
  namespaces?: readonly string[];
  gateways?: FakeGateways;
}

/** A namespace, and the operators that a test has started for it. */
export class Ground {
  readonly namespace: string;
  readonly kube: Kube;
  readonly #plane: ControlPlane;
  readonly #running: Running[] = [];

  constructor(plane: ControlPlane, kube: Kube, namespace: string) {
    this.#plane = plane;
    this.kube = kube;
    this.namespace = namespace;
  }

  operator({
    identity = "operator-1",
    kubeconfig = this.#plane.kubeconfig,
    namespaces = [this.namespace],
    gateways = fakeGateways(() => systemClock.now()),
  }: RunOptions = {}): Running {
    const stop = new AbortController();
    const requests: string[] = [];
    let isLeading = false;
    const logger = makeLogger("silent", identity);
    logger.info = ((_fields: object, message: string) => {
      if (message === "started leading") isLeading = true;
      if (message === "stopped leading") isLeading = false;
    }) as never;
    logger.warn = logger.info;
    const config: Config = {
      identity,
      namespace: this.namespace,
      watchNamespaces: namespaces,
      images: { gateway: "gateway:1", redis: "redis:7" },
      upgrade: "Manual",
      leaseName: "realtime-operator",
      healthPort: 0,
      metricsPort: 0,
      logLevel: "silent",
      logFormat: "numbers",
      concurrency: 4,
    };
    const kube = recordingKube(connect({ kubeconfig }).kube, requests);
    const ended = runOperator({ config, kube, gateways, logger, clock: systemClock, random: Math.random }, stop.signal);
    const running = {
      requests,
      gateways,
      isLeading: () => isLeading,
      async stop() {
        stop.abort();
        await ended;
      },
    };
    this.#running.push(running);
    return running;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((operator) => operator.stop()));
  }

  apply(name: string, spec: object = {}): Promise<KubeObject> {
    const body = {
      auth: { jwt: { secret: { name: "jwt" } } },
      exposure: { type: "Ingress", host: `${name}.example.com` },
      ...spec,
    };
    return this.kube.apply(
      realtimeClusters,
      { apiVersion, kind, metadata: { name, namespace: this.namespace }, spec: body },
      { fieldManager: "user" },
    );
  }

  secret(name: string, text: string): Promise<KubeObject> {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: this.namespace },
      data: { secret: Buffer.from(text).toString("base64") },
    };
    return this.kube.apply(resources.secrets, secret, { fieldManager: "user" });
  }

  async get(resource: Resource, name: string): Promise<KubeObject | undefined> {
    return this.kube.get(resource, this.namespace, name);
  }

  async cluster(name: string): Promise<RealtimeCluster> {
    const found = await this.get(realtimeClusters, name);
    if (found === undefined) throw new Error(`there is no cluster ${name}`);
    return found as RealtimeCluster;
  }

  /** Waits until the condition has this status for the newest generation of the cluster. */
  condition(name: string, type: string, want: string): Promise<Condition> {
    return until(
      `${type} of ${name} to be ${want}`,
      async () => {
        const { status, metadata } = await this.cluster(name);
        const condition = status?.conditions?.find((one) => one.type === type);
        return condition !== undefined &&
          condition.observedGeneration === metadata.generation &&
          `${condition.status} ${condition.reason}`.startsWith(want)
          ? condition
          : undefined;
      },
      DEADLINE_MS,
    );
  }

  object(
    resource: Resource,
    name: string,
    isAsWanted: (object: KubeObject) => boolean = () => true,
  ): Promise<KubeObject> {
    return until(
      `${resource.kind} ${name}`,
      async () => {
        const found = await this.get(resource, name);
        return found !== undefined && isAsWanted(found) ? found : undefined;
      },
      DEADLINE_MS,
    );
  }

  /**
   * Waits until Kubernetes' controllers have processed every object and the operator has nothing to do for the cluster.
   * To find out, it creates another cluster, the marker. The operator must send no request for the first cluster while
   * it processes the marker.
   */
  async atRest(name: string, { requests }: Running): Promise<void> {
    const status = (object: KubeObject) =>
      (object["status"] ?? {}) as { observedGeneration?: number; replicas?: number; expectedPods?: number };
    const replicas = (object: KubeObject) => (object["spec"] as { replicas?: number }).replicas ?? 1;
    const isObserved = (object: KubeObject) => status(object).observedGeneration === object.metadata.generation;
    const hasItsPods = (object: KubeObject) => isObserved(object) && status(object).replicas === replicas(object);
    const gateways = await this.object(resources.deployments, `${name}-server`, hasItsPods);
    if ((await this.get(resources.statefulSets, `${name}-redis`)) !== undefined)
      await this.object(resources.statefulSets, `${name}-redis`, hasItsPods);
    if ((await this.get(resources.podDisruptionBudgets, `${name}-server`)) !== undefined) {
      await this.object(
        resources.podDisruptionBudgets,
        `${name}-server`,
        (budget) => isObserved(budget) && status(budget).expectedPods === replicas(gateways),
      );
    }
    const aboutIt = () => requests.filter((request) => request.includes(` ${name}`)).length;
    await until(
      "a round in which the operator asks for nothing",
      async () => {
        const before = aboutIt();
        await this.quiet();
        return aboutIt() === before;
      },
      DEADLINE_MS,
    );
  }

  /**
   * Waits until the operator has processed all keys that are now in its queue. To find out, it creates another cluster,
   * the marker, and waits for the marker's status.
   */
  async quiet(): Promise<void> {
    const name = `marker-${Math.trunc(performance.now())}`;
    await this.apply(name, { paused: true });
    await this.condition(name, "ReconciliationPaused", "True");
    await this.kube.remove(realtimeClusters, await this.cluster(name));
  }

  /** The uid of every child of a cluster, by "Kind name". */
  async children(name: string): Promise<Record<string, string>> {
    const { pods: _p, events: _e, httpRoutes: _h, scaledObjects: _s, ...others } = resources;
    const { serviceMonitors: _m, prometheusRules: _r, ...kinds } = others;
    const labelSelector = `app.kubernetes.io/managed-by=realtime-operator,app.kubernetes.io/instance=${name}`;
    const lists = await Promise.all(
      Object.values(kinds).map((resource) => this.kube.list(resource, { namespace: this.namespace, labelSelector })),
    );
    const named = lists.flatMap(({ items }) =>
      items.map((item): [string, string] => [`${item.kind} ${item.metadata.name}`, item.metadata.uid ?? ""]),
    );
    return Object.fromEntries(named.sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}
