import { resources } from "../../src/api/resources.ts";
import { realtimeClusters } from "../../src/api/realtime-cluster.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { KeyedQueue } from "../../src/engine/keyed-queue.ts";
import { runWorkers } from "../../src/engine/workers.ts";
import { FakeKube } from "../../src/kube/fake/fake-kube.ts";
import { liveConfigHash } from "../../src/manifests/live-config.ts";
import type { GatewayPods } from "../../src/reconcile/gateway-pods.ts";
import { Memory } from "../../src/reconcile/memory.ts";
import { reconcile } from "../../src/reconcile/reconcile.ts";
import { Watches } from "../../src/reconcile/watches.ts";
import { idle, ManualClock } from "../kube/manual-clock.ts";
import { runControllers } from "./fake-controllers.ts";
import { FaultyKube, type FaultPlan } from "./faulty-kube.ts";

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };

/** An operator on a fake API server, a fake clock and fake gateways, which can crash and be started again. */
export class Stage {
  readonly server = new FakeKube({ namespaces: ["default"] });
  readonly faulty = new FaultyKube(this.server);
  readonly #clock = new ManualClock();
  readonly #firstUids = new Map<string, string>();
  /** Objects that were made a second time under one name, without having been deleted on purpose. */
  readonly madeTwice: string[] = [];
  #operator = new AbortController();
  #hasCrashed = false;
  #drawn = 0;

  constructor() {
    this.faulty.crash = () => {
      this.#operator.abort();
      this.#hasCrashed = true;
    };
  }

  start(): void {
    const clock = this.#clock;
    const { kube } = this.faulty;
    this.#operator = new AbortController();
    this.#hasCrashed = false;
    const { signal } = this.#operator;
    const random = () => 0.5;
    const queue = new KeyedQueue({ clock, random });
    const watches = new Watches({ kube, namespaces: [], onKey: (key) => queue.add(key), logger, clock, random });
    void watches.run(signal);
    const ports = {
      kube,
      gateways: fakeGateways(() => clock.now()),
      watches,
      memory: new Memory(),
      logger,
      identity: "operator",
      release: { images: { gateway: "gateway:1", redis: "redis:7" }, upgrade: "Manual" as const, operatorNamespace: "realtime-system" },
      now: () => clock.now(),
      draw: () => `drawn-${(this.#drawn += 1)}`,
      eventName: (name: string) => `${name}.${(this.#drawn += 1)}`,
    };
    const work = (key: string, working: AbortSignal) => (watches.isSynced ? reconcile(key, ports, working) : Promise.resolve({ type: "done" as const }));
    void runWorkers({ queue, count: 2, work, onOutcome: () => undefined, clock }, signal);
  }

  /** Lets everything that is due within a minute happen, controllers included; restarts an operator that has crashed. */
  async settle(): Promise<void> {
    let quiet = 0;
    let seen = -1;
    while (quiet < 3) {
      await idle();
      if (this.#hasCrashed) this.start();
      await runControllers(this.server);
      this.#noteUids();
      await this.#clock.advance(20_000);
      const count = this.faulty.requests.length;
      quiet = count === seen ? quiet + 1 : 0;
      seen = count;
    }
  }

  /** Requests that this much time costs when nothing changes, by verb. Watches are renewed all the time, and free. */
  async requestsDuring(ms: number): Promise<string[]> {
    const before = this.faulty.requests.length;
    await this.#clock.advance(ms);
    return this.faulty.requests.slice(before).filter((verb) => verb !== "watch");
  }

  stop(): void {
    this.#operator.abort();
  }

  /** What stands at the end, without what two fault-free runs would differ in: uids, versions, times and what is drawn at random. */
  endState(): Record<string, unknown> {
    const { events: _events, ...compared } = resources;
    const objects = [realtimeClusters, ...Object.values(compared)].flatMap((resource) => this.server.objects(resource));
    return Object.fromEntries(objects.map((object): [string, unknown] => [`${object.kind}/${object.metadata.name}`, withoutAccidents(object)]).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #noteUids(): void {
    const { pods: _pods, events: _events, ...kinds } = resources;
    for (const object of Object.values(kinds).flatMap((resource) => this.server.objects(resource))) {
      const name = `${object.kind}/${object.metadata.name}`;
      const first = this.#firstUids.get(name);
      if (first === undefined) this.#firstUids.set(name, object.metadata.uid ?? "");
      else if (first !== object.metadata.uid) this.madeTwice.push(name);
    }
  }
}

export type Scenario = { name: string; before?: (server: FakeKube) => Promise<void>; act: (server: FakeKube) => Promise<void> };

/** Runs a scenario with one fault, or none, in its second half. */
export async function play({ before, act }: Scenario, plan: FaultPlan | undefined): Promise<Stage> {
  const stage = new Stage();
  await stage.server.create(resources.secrets, { apiVersion: "v1", kind: "Secret", metadata: { name: "jwt", namespace: "default" }, data: { secret: Buffer.from("0123456789abcdef".repeat(2)).toString("base64") } });
  if (before !== undefined) {
    stage.start();
    await before(stage.server);
    await stage.settle();
  }
  const offset = stage.faulty.requests.length;
  stage.faulty.plan = plan === undefined ? undefined : { ...plan, at: offset + plan.at };
  if (before === undefined) stage.start();
  await act(stage.server);
  await stage.settle();
  stage.faulty.plan = undefined;
  stage.faulty.requests.splice(0, offset);
  return stage;
}

/** Gateways as the contract has them: an older generation is ignored, and the hash is of what is in force. */
function fakeGateways(now: () => number): GatewayPods {
  const inForce = new Map<string, { hash: string; generation: number }>();
  return {
    async configure(pod, _token, config) {
      const uid = pod.metadata.uid ?? "";
      if ((inForce.get(uid)?.generation ?? -1) <= config.generation) inForce.set(uid, { hash: liveConfigHash(config), generation: config.generation });
      return { ...inForce.get(uid), askedAtMs: now(), connections: 0, isDraining: false };
    },
    look: async (_pod, before) => ({ ...before, askedAtMs: now(), connections: 0 }),
  };
}

function withoutAccidents(object: KubeObject): unknown {
  const text = JSON.stringify(object, (key, value: unknown) => {
    if (["uid", "resourceVersion", "managedFields", "creationTimestamp", "lastTransitionTime", "generation", "observedGeneration"].includes(key)) return undefined;
    if (key === "realtime.dev/manifest") return undefined;
    return value;
  });
  const copy = JSON.parse(text) as KubeObject & { data?: Record<string, string> };
  if (copy.kind === "Secret") return Object.keys(copy.data ?? {}).sort();
  return copy;
}
