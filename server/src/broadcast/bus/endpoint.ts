// One Redis server of the bus, with a publishing and a subscribing connection. It is up while the publisher is
// connected to a primary, every subscription is confirmed, and this gateway's own test messages (canaries) come back.
import type { Cluster, Redis } from "ioredis";
import type { Logger } from "pino";
import { streamOf } from "../../internals/ioredis.ts";
import { connectionProblem, withAdvice } from "../../redis/connection-problem.ts";
import { describeRedis, type RedisTarget } from "../../redis/redis-address.ts";
import { ReconnectBackoff } from "../../redis/reconnect-backoff.ts";
import { redisClient } from "../../redis/redis-client.ts";
import { roleOf } from "../../redis/redis-role.ts";
import type { Announcements, BusCause, UnusableRedis } from "./bus.ts";
import { Canaries } from "./canaries.ts";
import { Subscriptions, type SubscriptionKind } from "./subscriptions.ts";

export interface EndpointOptions {
  target: RedisTarget;
  /** The channel on which all gateways of the cluster send their test messages (canaries). */
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
/** When no test message (canary) of this gateway came back for this long, the connections count as dead. */
const CANARY_OVERDUE_MS = 4000;
const LOG_EVERY_MS = 60_000;

export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #publisher: Redis | Cluster;
  readonly #listener: Redis | Cluster;
  readonly #subscriptions: Subscriptions;
  readonly #canaries: Canaries;
  readonly #timer: NodeJS.Timeout;
  readonly #backoffs: ReconnectBackoff[] = [];
  #up = false;
  #everUp = false;
  /** True while the publishing connection is connected to a primary. */
  #mayPublish = false;
  #lagMs: number | undefined;
  #canaryAtMs: number;
  #cause: BusCause = "connecting";
  #reason = "connecting";
  #closed = false;
  #isGathering = false;
  #loggedAtMs = -Infinity;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#canaries = new Canaries(options);
    this.#canaryAtMs = options.now();
    this.#publisher = this.#newClient("realtime-publish");
    this.#listener = this.#newClient("realtime-listen");
    this.#subscriptions = new Subscriptions(this.#listener, (error) =>
      this.#refused("a subscription was refused", error),
    );
    this.#subscriptions.add("channels", [options.canaryChannel]);
    for (const client of [this.#publisher, this.#listener] as Redis[]) {
      client.on("error", (error: Error) => this.#failed(connectionProblem(error)));
      client.on("close", () => this.#down("unreachable", "the connection closed"));
      client.connect().catch(() => undefined); // the error and close handlers report it, and ioredis retries
    }
    this.#publisher.on("ready", () => void this.#checkRole());
    this.#publisher.on("close", () => (this.#mayPublish = false));
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

  /** Why this Redis is not usable. Undefined while it is usable. */
  problem(): UnusableRedis | undefined {
    if (this.#up) return undefined;
    return { redis: describeRedis(this.#options.target), cause: this.#cause, reason: this.#reason };
  }

  /** Number of gateways whose test messages (canaries) arrived over this Redis recently. This gateway is included. */
  nodes(): number {
    return this.#canaries.nodes();
  }

  subscribe(kind: SubscriptionKind, names: readonly string[]): void {
    this.#subscriptions.add(kind, names);
  }

  unsubscribe(kind: SubscriptionKind, names: readonly string[]): void {
    this.#subscriptions.remove(kind, names);
  }

  /** Resolves when Redis has accepted the message. Rejects at once if there is no connection. */
  async publish(channel: string, message: string | Buffer): Promise<void> {
    this.#gather();
    await this.#publisher.publish(channel, message);
  }

  /**
   * Joins all publishes of one turn of the event loop into one write, because ioredis writes each command separately.
   * Does nothing for a Cluster client: it has a stream to each server.
   */
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
      await this.#subscriptions.sendAll();
      this.#canaryAtMs = this.#options.now();
      this.#canary();
    } catch (error) {
      this.#refused("subscribing failed", error);
    }
  }

  #canary(): void {
    const nowMs = this.#options.now();
    if (nowMs - this.#canaryAtMs > CANARY_OVERDUE_MS && this.#isConnected()) {
      this.#restart(
        "timeout",
        `no test message came back through Redis for ${Math.round((nowMs - this.#canaryAtMs) / 1000)} s`,
      );
      return;
    }
    if (this.#publisher.status === "ready") void this.#checkRole();
    this.announce();
  }

  /** Sends a test message (canary) now. It contains this gateway's announcement. */
  announce(): void {
    if (!this.#mayPublish) return;
    this.publish(this.#options.canaryChannel, this.#canaries.next()).catch((error: Error) => {
      if (error.name === "ReplyError") this.#refused("publishing was refused", error);
    });
  }

  #isConnected(): boolean {
    return this.#publisher.status === "ready" && this.#listener.status === "ready";
  }

  #received(pattern: string | undefined, channel: string, message: Buffer): void {
    if (channel !== this.#options.canaryChannel) return this.#options.onMessage(pattern, channel, message);
    const lagMs = this.#canaries.received(message);
    if (lagMs === undefined) return;
    this.#canaryAtMs = this.#options.now();
    this.#lagMs = lagMs;
    if (this.#up || !this.#mayPublish) return;
    for (const backoff of this.#backoffs) backoff.succeeded();
    this.#up = true;
    this.#everUp = true;
    this.#options.logger.info({ redis: describeRedis(this.#options.target) }, "bus connected");
    this.#options.onChange();
  }

  /**
   * Restarts the connections if the server is a replica. A replica accepts PUBLISH, but delivers only to its own
   * subscribers. So a test message that comes back does not prove that other gateways get messages.
   */
  async #checkRole(): Promise<void> {
    const role = await roleOf(this.#publisher).catch(() => undefined); // the close handler reports it
    if (role === undefined || this.#closed) return;
    if (role === "replica")
      return this.#restart(
        "read-only",
        "the server is a replica: messages published there do not reach the other gateways",
      );
    if (this.#mayPublish || this.#publisher.status !== "ready") return;
    this.#mayPublish = true;
    this.announce();
  }

  #newClient(name: string): Redis | Cluster {
    const { target, random } = this.#options;
    const backoff = new ReconnectBackoff(random);
    this.#backoffs.push(backoff);
    return redisClient(target, { name, random, backoff });
  }

  #refused(what: string, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#restart(causeOf(text), withAdvice(`${what}: ${text}`));
  }

  /** Reconnects both connections, because a connection to a dead peer would stay open for minutes. */
  #restart(cause: BusCause, reason: string): void {
    if (this.#closed) return;
    this.#canaryAtMs = this.#options.now();
    this.#mayPublish = false;
    if (this.#up) this.#down(cause, reason);
    else this.#log("Redis cannot be used", cause, reason);
    for (const client of [this.#publisher, this.#listener]) {
      if (client.status === "ready" || client.status === "connect") client.disconnect(true);
    }
  }

  #failed(reason: string): void {
    if (!this.#closed && !this.#up) this.#log("Redis cannot be reached", causeOf(reason), reason);
  }

  /**
   * Logs the first problem at once, then at most one a minute, because ioredis tries to connect many times a minute.
   */
  #log(message: string, cause: BusCause, reason: string): void {
    this.#cause = cause;
    this.#reason = reason;
    const nowMs = this.#options.now();
    if (nowMs - this.#loggedAtMs < LOG_EVERY_MS) return;
    this.#loggedAtMs = nowMs;
    this.#options.logger.warn({ redis: describeRedis(this.#options.target), reason }, message);
  }

  #down(cause: BusCause, reason: string): void {
    if (!this.#up || this.#closed) return;
    this.#up = false;
    this.#lagMs = undefined;
    this.#cause = cause;
    this.#reason = reason;
    this.#options.logger.warn({ redis: describeRedis(this.#options.target), reason }, "bus disconnected");
    this.#options.onChange();
  }
}

function causeOf(text: string): BusCause {
  return /\b(NOPERM|NOAUTH|WRONGPASS)\b/.test(text) ? "no-permission" : "unreachable";
}
