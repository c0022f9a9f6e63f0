import { resources } from "../../src/api/resources.ts";
import { realtimeClusters } from "../../src/api/realtime-cluster.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { FakeKube } from "../../../testkit/fake-kube/fake-kube.ts";
import { idle, ManualClock } from "../kube/manual-clock.ts";
import { fakeGateways } from "../reconcile/fake-gateways.ts";
import { workKubernetes } from "../reconcile/fake-workloads.ts";
import { simulateOperator } from "../support/simulated-operator.ts";
import { FaultyKube, type FaultPlan } from "./faulty-kube.ts";

/**
 * An operator with a fake API server, a fake clock and fake gateways. The operator can crash; then another operator
 * starts.
 */
export class Stage {
  readonly server = new FakeKube({ namespaces: ["default"] });
  readonly faulty = new FaultyKube(this.server);
  readonly #clock = new ManualClock();
  readonly #firstUids = new Map<string, string>();
  /** Names of objects that were created a second time, although the test had not deleted the first object. */
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
    this.#operator = new AbortController();
    this.#hasCrashed = false;
    const given = {
      clock: this.#clock,
      kube: this.faulty.kube,
      gateways: fakeGateways(() => this.#clock.now()),
      release: {
        images: { gateway: "gateway:1", redis: "redis:7" },
        upgrade: "Manual" as const,
        operatorNamespace: "realtime-system",
      },
      draw: () => `drawn-${(this.#drawn += 1)}`,
      eventName: (name: string) => `${name}.${(this.#drawn += 1)}`,
    };
    simulateOperator(given, this.#operator.signal);
  }

  /**
   * Runs all work of the operator and of Kubernetes' controllers that is due within a minute, until nothing more
   * happens. If the operator has crashed, starts another one.
   */
  async settle(): Promise<void> {
    let quiet = 0;
    let seen = -1;
    while (quiet < 3) {
      await idle();
      if (this.#hasCrashed) this.start();
      await workKubernetes({ server: this.server, noteTemplate: () => undefined }, "ready");
      this.#noteUids();
      await this.#clock.advance(20_000);
      const count = this.faulty.requests.length;
      quiet = count === seen ? quiet + 1 : 0;
      seen = count;
    }
  }

  /**
   * Lets this time pass, and returns the verbs of the operator's requests. Watches are left out, because the operator
   * renews them even when nothing changes.
   */
  async requestsDuring(ms: number): Promise<string[]> {
    const before = this.faulty.requests.length;
    await this.#clock.advance(ms);
    return this.faulty.requests.slice(before).filter((verb) => verb !== "watch");
  }

  stop(): void {
    this.#operator.abort();
  }

  /**
   * All objects at the end of the scenario, without uids, versions, times and random values, because these differ in
   * every run.
   */
  endState(): Record<string, unknown> {
    const { events: _events, ...compared } = resources;
    const objects = [realtimeClusters, ...Object.values(compared)].flatMap((resource) => this.server.objects(resource));
    return Object.fromEntries(
      objects
        .map((object): [string, unknown] => [`${object.kind}/${object.metadata.name}`, withoutAccidents(object)])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
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

export type Scenario = {
  name: string;
  before?: (server: FakeKube) => Promise<void>;
  act: (server: FakeKube) => Promise<void>;
};

/** Runs a scenario. The plan's fault, if there is one, happens during the second part, `act`. */
export async function play({ before, act }: Scenario, plan: FaultPlan | undefined): Promise<Stage> {
  const stage = new Stage();
  await stage.server.create(resources.secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "jwt", namespace: "default" },
    data: { secret: Buffer.from("0123456789abcdef".repeat(2)).toString("base64") },
  });
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

function withoutAccidents(object: KubeObject): unknown {
  const text = JSON.stringify(object, (key, value: unknown) => {
    if (
      [
        "uid",
        "resourceVersion",
        "managedFields",
        "creationTimestamp",
        "lastTransitionTime",
        "generation",
        "observedGeneration",
      ].includes(key)
    )
      return undefined;
    if (key === "realtime.dev/manifest") return undefined;
    return value;
  });
  const copy = JSON.parse(text) as KubeObject & { data?: Record<string, string> };
  if (copy.kind === "Secret") return Object.keys(copy.data ?? {}).sort();
  return copy;
}
