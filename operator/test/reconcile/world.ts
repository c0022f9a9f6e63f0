// A real kube-apiserver, etcd and kube-controller-manager, and operators of this process on it: everything but a node.
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { until } from "../../../testkit/until.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import {
  apiVersion,
  kind,
  realtimeClusters,
  type Condition,
  type RealtimeCluster,
} from "../../src/api/realtime-cluster.ts";
import { apiVersionOf, resources, type ChildResource } from "../../src/api/resources.ts";
import type { Config } from "../../src/config.ts";
import { systemClock } from "../../src/kube/system-clock.ts";
import { connect } from "../../src/kube/http/connect.ts";
import type { Kube } from "../../src/kube/kube.ts";
import type { Resource } from "../../src/kube/resource.ts";
import { makeLogger } from "../../src/observability/logger.ts";
import { runOperator } from "../../src/operator.ts";
import { crdFile } from "../crd/api-server.ts";
import { installDefinitions } from "../support/install-definitions.ts";
import { fakeGateways, type FakeGateways } from "./fake-gateways.ts";

const patience = 60_000;

export interface World {
  plane: ControlPlane;
  /** The tests' own hands: what they write is nobody's request. */
  kube: Kube;
  /** A namespace with nothing in it but a Secret for tokens. */
  ground(): Promise<Ground>;
  /** Ends the operators of all grounds: those of one test must not watch what the next one does. */
  stopOperators(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const plane = await startControlPlane();
  await installDefinitions(plane, [crdFile]);
  const { kube } = connect({ kubeconfig: plane.kubeconfig });
  const grounds: Ground[] = [];
  const stopOperators = async (): Promise<void> => void (await Promise.all(grounds.map((ground) => ground.stop())));
  return {
    plane,
    kube,
    async ground() {
      const ground = new Ground(plane, kube, `ground-${grounds.length}`);
      grounds.push(ground);
      await plane.kubectl(["create", "namespace", ground.namespace]);
      await ground.secret("jwt", "0123456789abcdef0123456789abcdef");
      return ground;
    },
    stopOperators,
    async stop() {
      await stopOperators();
      await plane.stop();
    },
  };
}

export interface Running {
  /** "verb kind name", or "apply status RealtimeCluster name"; watches and lists are not among them. */
  requests: string[];
  gateways: FakeGateways;
  isLeading(): boolean;
  stop(): Promise<void>;
}

export interface RunOptions {
  identity?: string;
  kubeconfig?: string;
  /** Default: the ground's own. */
  namespaces?: readonly string[];
  gateways?: FakeGateways;
}

/** One namespace, and the operators that look after it. */
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
      if (message === "this operator acts") isLeading = true;
      if (message === "this operator acts no more") isLeading = false;
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
      concurrency: 4,
    };
    const kube = told(connect({ kubeconfig }).kube, requests);
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

  /** Waits until the condition says so, of the newest generation. */
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
      patience,
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
      patience,
    );
  }

  /** Kubernetes' controllers have answered to all that was made, and then the operator asks for nothing while a marker is worked off. */
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
      patience,
    );
  }

  /** What came before has been worked off: a cluster that is made now is reported. */
  async quiet(): Promise<void> {
    const name = `marker-${Math.trunc(performance.now())}`;
    await this.apply(name, { paused: true });
    await this.condition(name, "ReconciliationPaused", "True");
    await this.kube.remove(realtimeClusters, await this.cluster(name));
  }

  /** Every child of a cluster, by "Kind name", with its uid. */
  async children(name: string): Promise<Record<string, string>> {
    const {
      pods: _pods,
      events: _events,
      httpRoutes: _h,
      scaledObjects: _s,
      serviceMonitors: _m,
      prometheusRules: _p,
      ...kinds
    } = resources;
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

/** The requests of a cluster and not of its markers, writes only. */
export function writes(requests: readonly string[], cluster: string): string[] {
  return requests.filter(
    (request) =>
      !request.startsWith("get ") &&
      !request.includes("Event") &&
      !request.includes("Lease") &&
      request.includes(` ${cluster}`),
  );
}

function told(kube: Kube, requests: string[]): Kube {
  const tell = (verb: string, object: { kind: string; metadata: { name: string } }) =>
    void requests.push(`${verb} ${object.kind} ${object.metadata.name}`);
  return {
    ...kube,
    get: (resource, namespace, name, signal) => (
      tell("get", { kind: resource.kind, metadata: { name } }),
      kube.get(resource, namespace, name, signal)
    ),
    apply: (resource, object, options, signal) => (
      tell(options?.subresource === undefined ? "apply" : `apply ${options.subresource}`, object),
      kube.apply(resource, object, options, signal)
    ),
    create: (resource, object, signal) => (tell("create", object), kube.create(resource, object, signal)),
    replace: (resource, object, signal) => (tell("replace", object), kube.replace(resource, object, signal)),
    mergePatch: (resource, at, patch, signal) => (
      tell("patch", { kind: resource.kind, metadata: { name: at.name } }),
      kube.mergePatch(resource, at, patch, signal)
    ),
    remove: (resource, object, options, signal) => (
      tell("remove", object),
      kube.remove(resource, object, options, signal)
    ),
  };
}

/** An object of a kind as somebody else would apply it: with nothing but what is given. */
export function bare(
  resource: ChildResource,
  namespace: string,
  name: string,
  body: object,
  metadata: object = {},
): KubeObject {
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: { name, namespace, ...metadata },
    ...body,
  };
}
