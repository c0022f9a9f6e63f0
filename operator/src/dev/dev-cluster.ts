import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rebalancePlan } from "../gateways/rebalance-plan.ts";
import { authKeys } from "../manifests/auth-secret.ts";
import type { DevPlan } from "./dev-plan.ts";
import type { DevProxy } from "./dev-proxy.ts";
import type { Traffic } from "./inspector/traffic.ts";
import { gatewayEnvironment } from "./gateway-environment.ts";
import { startGateway, type GatewayProcess, type LogEntry, type StartingGateway } from "./children/gateway-process.ts";
import type { LocalRedis } from "./children/local-redis.ts";
import type { LocalSecrets } from "./local-secrets.ts";
import { whatClientsSaw } from "./what-clients-saw.ts";

export interface DevClusterDeps {
  proxy: DevProxy;
  traffic: Traffic;
  secrets: LocalSecrets;
  /** Name of the Secret that has the admin token of the gateways. */
  authSecret: string;
  /** The folder `.realtime`, in which the gateways' files are. */
  folder: string;
  /** Undefined: there is no Redis. Then only one gateway runs, and its ledger is in memory. */
  redisUrl: string | undefined;
  /** Undefined when `realtime dev` did not start Redis itself. It must not stop a Redis that it did not start. */
  redis: LocalRedis | undefined;
  onLog: (name: string, entry: LogEntry) => void;
  nowMs: () => number;
  wait: (afterMs: number) => Promise<void>;
}

interface PrivateRequest {
  method: "POST" | "PUT";
  path: string;
  body: object;
}

const READY_MS = 15_000;
const BACK_MS = 10_000;
const REBALANCE_TOLERANCE_PERCENT = 10;

/**
 * The gateways of `realtime dev`, and the actions on them. Each action returns a line about its result, for example how
 * many clients moved.
 */
export class DevCluster {
  readonly #deps: DevClusterDeps;
  #plan: DevPlan;
  #generation = 1;
  #count = 0;
  #gateways: GatewayProcess[] = [];
  /** All running gateway processes, including those that are starting or draining. */
  readonly #running = new Set<StartingGateway>();
  #isStopped = false;

  constructor(plan: DevPlan, deps: DevClusterDeps) {
    this.#plan = plan;
    this.#deps = deps;
  }

  get gateways(): readonly GatewayProcess[] {
    return this.#gateways;
  }

  /** Starts the gateways and waits until all are ready. */
  async start(): Promise<void> {
    this.#writeLiveConfig();
    const count = this.#deps.redisUrl === undefined ? 1 : this.#plan.gateways;
    await Promise.all(Array.from({ length: count }, () => this.#add()));
  }

  /**
   * Applies a changed plan. Changed live fields are sent to the gateways, and changed rolling fields replace the
   * gateways.
   */
  async apply(next: DevPlan): Promise<string> {
    const before = this.#plan;
    this.#plan = next;
    const isLive = JSON.stringify(before.live) !== JSON.stringify(next.live);
    const isRolling = before.templateHash !== next.templateHash;
    const lines: string[] = [];
    if (isLive) lines.push(await this.#push());
    if (isRolling) lines.push(`rolling fields: ${await this.roll()}`);
    const change = next.gateways - before.gateways;
    for (let added = 0; added < change; added += 1) lines.push(await this.scaleUp());
    for (let removed = 0; removed > change; removed -= 1) lines.push(await this.scaleDown());
    return lines.length === 0 ? "nothing changed" : lines.join("; ");
  }

  /** Replaces the gateways one after the other, as a rollout does. */
  async roll(): Promise<string> {
    return this.#told("rolled", async () => {
      for (const old of this.#gateways) {
        await this.#add();
        await this.#retire(old, "SIGTERM");
      }
    });
  }

  /** Kills one gateway, as a crash would, and starts another, as a Deployment would. */
  async killOne(): Promise<string> {
    const victim = this.#fullest();
    return this.#told(`killed ${victim.name}`, async () => {
      await this.#retire(victim, "SIGKILL");
      await this.#add();
    });
  }

  async scaleUp(): Promise<string> {
    if (this.#deps.redisUrl === undefined) return "without Redis only one gateway can run";
    return this.#told(`${this.#gateways.length + 1} gateways`, () => this.#add());
  }

  async scaleDown(): Promise<string> {
    const last = this.#gateways.at(-1);
    if (last === undefined || this.#gateways.length === 1) return "the last gateway cannot be removed";
    return this.#told(`${this.#gateways.length - 1} gateways`, () => this.#retire(last, "SIGTERM"));
  }

  /** Stops Redis if it is running. Otherwise starts it again. */
  async toggleRedis(): Promise<string> {
    const { redis } = this.#deps;
    if (redis === undefined) return "realtime dev did not start this Redis, so it cannot stop it";
    if (redis.isAway()) return this.#told("Redis is running again", () => redis.restart());
    const stopped = await this.#told("Redis is stopped", () => redis.kill());
    return `${stopped}\nmessages stay on their gateway, and each gateway enforces its share of the limits; to start Redis, press x or run realtime dev redis`;
  }

  /** Moves connections from gateways with many connections to the others, until all have about the same number. */
  async rebalance(): Promise<string> {
    const loads = this.#gateways.map((one) => ({ pod: one.name, connections: this.#deps.traffic.count(one.name) }));
    const before = this.#deps.traffic.ended;
    const plan = rebalancePlan(loads, REBALANCE_TOLERANCE_PERCENT);
    if (plan === undefined) return `even: ${loads.map(({ connections }) => connections).join(", ")} connections`;
    return this.#told("rebalanced", async () => {
      for (const { pod, connections } of plan.gives) {
        const gateway = this.#gateways.find(({ name }) => name === pod)!;
        await this.#call(gateway, "POST", "/shed", { connections });
      }
      const haveMoved = async (): Promise<boolean> => this.#deps.traffic.ended - before >= plan.total;
      await this.#until(BACK_MS, "connections to move", haveMoved).catch(() => undefined);
    });
  }

  /** Sends an event to a room, as a back end does. Returns the gateway's answer. */
  async publish(body: object): Promise<unknown> {
    const [gateway] = this.#gateways;
    if (gateway === undefined) throw new Error("no gateway is ready");
    return (await this.#request(gateway, { method: "POST", path: "/api/publish", body })).json();
  }

  /** Stops the gateways, the proxy and Redis. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#gateways = [];
    const ending = [...this.#running];
    for (const gateway of ending) gateway.kill("SIGKILL");
    await Promise.all(ending.map(({ ended }) => ended));
    await this.#deps.redis?.kill();
  }

  async #add(): Promise<void> {
    if (this.#isStopped) throw new Error("realtime dev is stopping");
    const { secrets, redisUrl, onLog, proxy } = this.#deps;
    this.#count += 1;
    const name = `${this.#plan.name}-server-${this.#count}`;
    const environment = gatewayEnvironment(this.#plan.environment, {
      ...{ name, redisUrl, liveConfigFile: this.#liveConfigFile() },
      secret: (secret, key) => secrets.value(secret, key),
    });
    const starting = startGateway({ name, environment, onLog });
    this.#running.add(starting);
    void starting.ended.then(() => this.#running.delete(starting));
    try {
      const gateway = await starting.listening;
      await this.#until(READY_MS, `${name} to be ready`, async () => (await this.#fetch(gateway, "/readyz")).ok);
      this.#gateways = [...this.#gateways, gateway];
      proxy.serve(this.#gateways);
    } catch (error) {
      starting.kill("SIGKILL");
      throw error;
    }
  }

  async #retire(gateway: GatewayProcess, signal: NodeJS.Signals): Promise<void> {
    this.#gateways = this.#gateways.filter((one) => one !== gateway);
    this.#deps.proxy.serve(this.#gateways);
    gateway.kill(signal);
    await gateway.ended;
  }

  #fullest(): GatewayProcess {
    const { traffic } = this.#deps;
    return [...this.#gateways].sort((a, b) => traffic.count(b.name) - traffic.count(a.name))[0]!;
  }

  async #push(): Promise<string> {
    this.#generation += 1;
    this.#writeLiveConfig();
    const before = this.#deps.traffic.ended;
    for (const gateway of this.#gateways) await this.#call(gateway, "PUT", "/config", this.#liveConfig());
    const ended = this.#deps.traffic.ended - before;
    return `live fields: applied to ${this.#gateways.length} gateways, ${ended} clients disconnected`;
  }

  #liveConfig(): object {
    return { generation: this.#generation, ...this.#plan.live };
  }

  #liveConfigFile(): string {
    return join(this.#deps.folder, "config.json");
  }

  #writeLiveConfig(): void {
    mkdirSync(this.#deps.folder, { recursive: true });
    writeFileSync(this.#liveConfigFile(), JSON.stringify(this.#liveConfig()));
  }

  /** Runs `act`, waits until all clients have reconnected, and returns a line that says what the clients saw. */
  async #told(what: string, act: () => Promise<void>): Promise<string> {
    const { traffic, nowMs } = this.#deps;
    const before = traffic.counts();
    const startMs = nowMs();
    await act();
    const areBack = async (): Promise<boolean> => traffic.counts().sessions >= before.sessions;
    await this.#until(BACK_MS, "clients to reconnect", areBack).catch(() => undefined);
    const seconds = ((nowMs() - startMs) / 1_000).toFixed(1);
    return `${what} in ${seconds} s: ${whatClientsSaw(before, traffic.counts())}`;
  }

  #fetch(gateway: GatewayProcess, path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${gateway.privatePort}${path}`);
  }

  async #call(gateway: GatewayProcess, method: "POST" | "PUT", path: string, body: object): Promise<void> {
    const response = await this.#request(gateway, { method, path, body });
    if (!response.ok) throw new Error(`${gateway.name} refuses ${method} ${path}: ${await response.text()}`);
  }

  #request(gateway: GatewayProcess, { method, path, body }: PrivateRequest): Promise<Response> {
    const token = this.#deps.secrets.value(this.#deps.authSecret, authKeys.adminToken);
    return fetch(`http://127.0.0.1:${gateway.privatePort}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  async #until(limitMs: number, what: string, ask: () => Promise<boolean>): Promise<void> {
    const { nowMs, wait } = this.#deps;
    for (const endMs = nowMs() + limitMs; nowMs() < endMs; await wait(20)) if (await ask()) return;
    throw new Error(`waited ${limitMs / 1_000} s for ${what}`);
  }
}
