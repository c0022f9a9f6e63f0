// An operator with a fake API server and a fake clock. What it does is recorded as text.
import { parse } from "yaml";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { apiVersion, kind, realtimeClusters, type Status } from "../../src/api/realtime-cluster.ts";
import { apiVersionOf, resources, type ChildResource } from "../../src/api/resources.ts";
import { withDefaults } from "../../src/api/with-defaults.ts";
import type { FinishedPass } from "../../src/engine/workers.ts";
import { FakeKube } from "../../../testkit/fake-kube/fake-kube.ts";
import { servedKinds } from "../../../testkit/fake-kube/served-kinds.ts";
import type { FakeRequest } from "../../../testkit/fake-kube/request-log.ts";
import { idle, ManualClock } from "../kube/manual-clock.ts";
import { simulateOperator } from "../support/simulated-operator.ts";
import { fakeGateways } from "./fake-gateways.ts";

const optionalKinds = ["HTTPRoute", "ScaledObject", "ServiceMonitor", "PrometheusRule"];
export const namespace = "apps";

export class TranscriptStage {
  readonly clock = new ManualClock();
  readonly server = new FakeKube({
    namespaces: [namespace],
    kinds: servedKinds.filter(({ resource }) => !optionalKinds.includes(resource.kind)),
    now: () => this.clock.now(),
  });
  /** The images of the operator's release. A test may start a second operator with other images. */
  images = { gateway: "gateway:1", redis: "redis:7" };
  readonly gateways = fakeGateways(() => this.clock.now());
  readonly #passes: FinishedPass[] = [];
  readonly #log: string[] = [];
  #status: Status | undefined;
  #operator = new AbortController();
  /**
   * The hashes of pod templates. The transcripts show a number instead of each hash, so that a new field in the
   * template does not change every pod name.
   */
  readonly #templates: string[] = [];

  start(): void {
    const { clock, server: kube, gateways } = this;
    this.#operator = new AbortController();
    const given = {
      clock,
      kube,
      gateways,
      release: { images: this.images, upgrade: "Manual" as const, operatorNamespace: "realtime-system" },
      draw: (bytes: number) => "ab".repeat(bytes),
      eventName: (name: string) => `${name}.${kube.requests.length}`,
      logger: { debug: () => undefined, info: this.#note, warn: this.#note },
      onOutcome: (pass: FinishedPass) => void this.#passes.push(pass),
    };
    simulateOperator(given, this.#operator.signal);
  }

  stop(): void {
    this.#operator.abort();
  }

  /** Runs the command, and then all work of the operator that is due without waiting. Returns what the operator did. */
  async tell(happens: () => Promise<void> | void): Promise<string[]> {
    const { requests } = this.server;
    const before = requests.length;
    const calls = this.gateways.calls.length;
    this.#passes.length = 0;
    this.#log.length = 0;
    await happens();
    for (let seen = -1; seen !== requests.length + this.gateways.calls.length;) {
      seen = requests.length + this.gateways.calls.length;
      await idle();
      await idle();
    }
    const asked = requests
      .slice(before)
      .filter((request) => !isWorlds(request) && !["list", "watch"].includes(request.verb));
    const told = [
      ...counted(asked.map((request) => this.#textOf(request))),
      ...counted(this.gateways.calls.slice(calls).map((call) => `gateway: ${call}`)),
      ...counted(this.#log),
      ...this.#turns(),
      ...this.#outcome(),
    ];
    return (told.length === 0 ? ["nothing"] : told).map((line) => this.#withTemplates(line));
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** Writes an object as the field manager "world". It stands for every writer other than the operator. */
  async put(
    resource: ChildResource | typeof realtimeClusters,
    name: string,
    body: object,
    metadata: object = {},
  ): Promise<KubeObject> {
    const object = {
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      metadata: { name, namespace, ...metadata },
      ...body,
    };
    return this.server.apply(resource, object, { fieldManager: "world" });
  }

  async cluster(name: string, yaml: string): Promise<void> {
    const spec = {
      replicas: 2,
      auth: { jwt: { secret: { name: "jwt" } } },
      exposure: { type: "Ingress", host: `${name}.example.com` },
      ...(parse(yaml || "{}") as object),
    };
    const { spec: filled } = withDefaults({ apiVersion, kind, metadata: { name, namespace }, spec });
    await this.put(realtimeClusters, name, { spec: filled });
  }

  find(kindName: string, name: string): { resource: ChildResource; object: KubeObject } {
    const resource = [...Object.values(resources), realtimeClusters as unknown as ChildResource].find(
      (one) => one.kind.toLowerCase() === kindName.toLowerCase(),
    );
    const object =
      resource === undefined
        ? undefined
        : this.server.objects(resource).find(({ metadata }) => metadata.name === this.#realName(name));
    if (resource === undefined || object === undefined) throw new Error(`there is no ${kindName} ${name}`);
    return { resource, object };
  }

  noteTemplate(hash: string): void {
    if (!this.#templates.includes(hash)) this.#templates.push(hash);
  }

  /** What the operator logs about the cluster. Changed conditions are left out: the lines below show them. */
  readonly #note = (fields: object, message: string): void => {
    const { cluster, generation: _generation, ...others } = fields as Record<string, unknown>;
    if (cluster === undefined || message === "condition changed") return;
    const text = Object.entries(others).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
    this.#log.push(`log: ${message}${text.join("")}`);
  };

  #textOf({ verb, resource, name, body, options }: FakeRequest): string {
    const { subresource } = (options ?? {}) as { subresource?: string };
    const patch =
      verb === "mergePatch"
        ? ` ${JSON.stringify((body as { metadata?: { annotations?: object } }).metadata?.annotations ?? body)}`
        : "";
    if (verb === "get") return "get";
    if (verb === "discover" || verb === "openapi") return verb;
    if (resource?.kind === "Event") {
      const { type, note } = body as { type: string; note: string };
      return `event: ${type} ${note}`;
    }
    return `${verb}${subresource === undefined ? "" : ` ${subresource} of`} ${resource?.kind} ${name}${patch}`;
  }

  /** The fields of the status that have changed, one on each line. */
  #turns(): string[] {
    const [cluster] = this.server.objects(realtimeClusters);
    const [before, after] = [this.#status, cluster?.["status"] as Status | undefined];
    this.#status = after;
    const { conditions = [], selector: _selector, observedGeneration: _generation, ...fields } = after ?? {};
    const turned = conditions.filter(({ type, status, reason }) => {
      const was = before?.conditions?.find((one) => one.type === type);
      return was?.status !== status || was.reason !== reason;
    });
    const changed = Object.entries(fields).filter(
      ([field, value]) => JSON.stringify(value) !== JSON.stringify(before?.[field as keyof Status]),
    );
    return [
      ...turned.map(({ type, status, reason }) => `${type} is ${status} (${reason})`),
      ...changed.map(([field, value]) => `${field}: ${JSON.stringify(value)}`),
    ];
  }

  #outcome(): string[] {
    const last = this.#passes.at(-1);
    if (last === undefined) return [];
    const { outcome, nextAfterMs } = last;
    const again = nextAfterMs === undefined ? "" : `, next pass in ${nextAfterMs / 1000} s`;
    const what =
      outcome.type === "failed"
        ? `failed: ${outcome.error.message}`
        : outcome.type === "stuck"
          ? `stuck: ${outcome.reason}: ${outcome.message}`
          : outcome.type;
    return [`-> ${what}${again}`];
  }

  #withTemplates(line: string): string {
    return this.#templates.reduce((text, hash, index) => text.replaceAll(hash, `t${index + 1}`), line);
  }

  #realName(name: string): string {
    return name.replace(/-t(\d+)-/, (_all, number: string) => `-${this.#templates[Number(number) - 1] ?? ""}-`);
  }

  realName(name: string): string {
    return this.#realName(name);
  }
}

/** Whether the request was sent by another client than the operator. */
function isWorlds({ options }: FakeRequest): boolean {
  const { fieldManager, by } = (options ?? {}) as { fieldManager?: string; by?: string };
  return fieldManager !== undefined || by === "world";
}

/** The lines without repetitions. A line that occurs several times has its count. */
function counted(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`));
}
