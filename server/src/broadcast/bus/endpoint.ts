// One Redis of the bus: a connection that publishes and one that listens. It is up only when every subscription is confirmed
// and a canary of its own has come back through Redis; a canary that stays out unmasks a connection that is half open.
import type { Cluster, Redis } from "ioredis";
import type { Logger } from "pino";
import { streamOf } from "../../internals/ioredis.ts";
import { connectionProblem } from "../../redis/connection-problem.ts";
import { describeRedis, type RedisTarget } from "../../redis/redis-address.ts";
import { redisClient } from "../../redis/redis-client.ts";
import type { Announcements } from "./bus.ts";

export interface EndpointOptions {
  target: RedisTarget;
  /** Channel on which all nodes of the cluster send canaries. */
  canaryChannel: string;
  nodeId: string;
  onMessage(pattern: string | undefined, channel: string, message: Buffer): void;
  onChange(): void;
  announcements: Announcements;
  logger: Logger;
  now: () => number;
  random: () => number;
}

const CANARY_EVERY_MS = 1000;
/** Without a canary for this long the connections are taken for dead. */
const CANARY_OVERDUE_MS = 4000;
/** A node that has not been heard for this long is not counted. */
const NODE_SILENT_MS = 5000;
const TELL_EVERY_MS = 60_000;
const CANARY = /^(\S+) (\d+)(?: (.*))?$/s;
const MOST_CANARY_BYTES = 16_384;

export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #publisher: Redis | Cluster;
  readonly #listener: Redis | Cluster;
  readonly #patterns = new Set<string>();
  readonly #channels = new Set<string>();
  readonly #nodes = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #up = false;
  #everUp = false;
  #lagMs: number | undefined;
  #canaryAtMs: number;
  #reason = "connecting";
  #closed = false;
  #isGathering = false;
  #toldAtMs = -Infinity;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#canaryAtMs = options.now();
    const connection = (role: string) =>
      redisClient(options.target, { name: `realtime-${role}`, random: options.random });
    this.#publisher = connection("publish");
    this.#listener = connection("listen");
    this.#channels.add(options.canaryChannel);
    for (const client of [this.#publisher, this.#listener] as Redis[]) {
      client.on("error", (error: Error) => this.#failed(connectionProblem(error)));
      client.on("close", () => this.#down("the connection closed"));
      client.connect().catch(() => undefined); // told by error and close; it goes on trying
    }
    this.#listener.on("ready", () => void this.#subscribeAll());
    this.#listener.on("messageBuffer", (channel: Buffer, message: Buffer) =>
      this.#received(undefined, channel.toString(), message),
    );
    this.#listener.on("pmessageBuffer", (pattern: Buffer | string, channel: Buffer, message: Buffer) =>
      this.#received(pattern.toString(), channel.toString(), message),
    );
    this.#timer = setInterval(() => this.#canary(), CANARY_EVERY_MS);
    this.#timer.unref();
  }

  isUp(): boolean {
    return this.#up;
  }

  wasUp(): boolean {
    return this.#everUp;
  }

  lagMs(): number | undefined {
    return this.#lagMs;
  }

  reason(): string {
    return `${describeRedis(this.#options.target)}: ${this.#reason}`;
  }

  /** Nodes that were heard of lately, this one included. */
  nodes(): number {
    const since = this.#options.now() - NODE_SILENT_MS;
    for (const [node, atMs] of this.#nodes) if (atMs < since) this.#nodes.delete(node);
    return Math.max(1, this.#nodes.size);
  }

  /** Remembers the subscriptions for every connection to come, and asks for them now where there is one. */
  subscribe(kind: "channels" | "patterns", names: readonly string[]): void {
    const wanted = kind === "channels" ? this.#channels : this.#patterns;
    const fresh = names.filter((name) => !wanted.has(name));
    for (const name of fresh) wanted.add(name);
    if (fresh.length === 0 || this.#listener.status !== "ready") return;
    const listener = this.#listener as Redis;
    const asked = kind === "channels" ? listener.subscribe(...fresh) : listener.psubscribe(...fresh);
    asked.catch((error: unknown) => this.#restart(`a subscription was refused: ${String(error)}`));
  }

  unsubscribe(kind: "channels" | "patterns", names: readonly string[]): void {
    const wanted = kind === "channels" ? this.#channels : this.#patterns;
    for (const name of names) wanted.delete(name);
    if (this.#listener.status !== "ready") return;
    const listener = this.#listener as Redis;
    const asked = kind === "channels" ? listener.unsubscribe(...names) : listener.punsubscribe(...names);
    asked.catch(() => undefined); // gone with the connection
  }

  /** Resolves when Redis has taken the message; rejects at once when there is no connection. */
  async publish(channel: string, message: string | Buffer): Promise<void> {
    this.#gather();
    await this.#publisher.publish(channel, message);
  }

  /** What a turn of the event loop publishes leaves in one write; ioredis makes one for each command. A Cluster has many streams. */
  #gather(): void {
    const stream = streamOf(this.#publisher);
    if (this.#isGathering || stream === undefined) return;
    this.#isGathering = true;
    stream.cork();
    setImmediate(() => {
      this.#isGathering = false;
      stream.uncork();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#publisher.disconnect();
    this.#listener.disconnect();
  }

  async #subscribeAll(): Promise<void> {
    try {
      const listener = this.#listener as Redis;
      await listener.subscribe(...this.#channels);
      if (this.#patterns.size > 0) await listener.psubscribe(...this.#patterns);
      this.#canaryAtMs = this.#options.now();
      this.#canary();
    } catch (error) {
      this.#restart(`subscribing failed: ${String(error)}`);
    }
  }

  #canary(): void {
    const nowMs = this.#options.now();
    if (nowMs - this.#canaryAtMs > CANARY_OVERDUE_MS && this.#isStuck()) {
      this.#restart(`no canary came back for ${Math.round((nowMs - this.#canaryAtMs) / 1000)} s`);
      return;
    }
    this.announce();
  }

  /** Sends a canary now, with what this node announces. Earlier releases read its first two words only. */
  announce(): void {
    const { canaryChannel, nodeId, now, announcements } = this.#options;
    this.publish(canaryChannel, `${nodeId} ${now()} ${announcements.text()}`).catch(() => undefined);
  }

  /** Nothing more will come by itself: both are connected, or one is half connected, for which ioredis would wait for good. */
  #isStuck(): boolean {
    const states = [this.#publisher.status, this.#listener.status];
    return states.includes("connect") || states.every((status) => status === "ready");
  }

  #received(pattern: string | undefined, channel: string, message: Buffer): void {
    if (channel !== this.#options.canaryChannel) return this.#options.onMessage(pattern, channel, message);
    const [, node = "", sentAt = "", text = ""] = CANARY.exec(message.subarray(0, MOST_CANARY_BYTES).toString()) ?? [];
    const nowMs = this.#options.now();
    if (this.#nodes.size < 10_000 || this.#nodes.has(node)) this.#nodes.set(node, nowMs);
    if (node !== this.#options.nodeId) return this.#options.announcements.heard(node, text);
    this.#canaryAtMs = nowMs;
    this.#lagMs = Math.max(0, nowMs - Number(sentAt));
    if (this.#up) return;
    this.#up = true;
    this.#everUp = true;
    this.#options.logger.info({ redis: describeRedis(this.#options.target) }, "bus up");
    this.#options.onChange();
  }

  /** Both connections anew: what is half open would not end by itself for minutes. */
  #restart(reason: string): void {
    if (this.#closed) return;
    this.#reason = reason;
    this.#canaryAtMs = this.#options.now();
    this.#down(reason);
    for (const client of [this.#publisher, this.#listener]) {
      if (client.status === "ready" || client.status === "connect") client.disconnect(true);
    }
  }

  /** Said at once and then now and then: it is tried again many times a second at first. */
  #failed(reason: string): void {
    this.#reason = reason;
    const nowMs = this.#options.now();
    if (this.#up || this.#closed || nowMs - this.#toldAtMs < TELL_EVERY_MS) return;
    this.#toldAtMs = nowMs;
    this.#options.logger.warn({ redis: describeRedis(this.#options.target), reason }, "Redis cannot be reached");
  }

  #down(reason: string): void {
    if (!this.#up || this.#closed) return;
    this.#up = false;
    this.#lagMs = undefined;
    this.#reason = reason;
    this.#options.logger.warn({ redis: describeRedis(this.#options.target), reason }, "bus down");
    this.#options.onChange();
  }
}
