// Every node knows all revocations. Redis publishes new ones at once. When a lease is renewed, Redis also answers the
// latest version number of the revocations. If this node has missed a message, the numbers differ, and it reads all
// revocations.
import type { Redis } from "ioredis";
import type { RedisTarget } from "../../redis/redis-address.ts";
import { redisClient } from "../../redis/redis-client.ts";
import type { RevocationTarget } from "../ledger.ts";
import { revocationKey, Revocations, revocationTarget } from "../revocations.ts";
import { unlessDown, type Link } from "./link.ts";

export interface RevocationFeedOptions {
  link: Link;
  target: RedisTarget;
  prefix: string;
  most: number;
  now: () => number;
  random: () => number;
}

const CHUNK = 250;
/** The time that means "never expires", because Redis needs a number. It is about ten thousand years. */
const FOREVER_MS = 3e14;

/** Maximum length of a message about a revocation. A key has at most 258 characters of three bytes each. */
const MOST_BYTES = 1024;

export class RevocationFeed {
  readonly #options: RevocationFeedOptions;
  readonly #known: Revocations;
  readonly #listeners: ((target: RevocationTarget) => void)[] = [];
  readonly #channel: string;
  readonly #client: Redis;
  /** This node knows all revocations up to this version number. */
  #version = 0;
  #isReading = false;
  #hasHeard = true;
  #isClosed = false;

  constructor(options: RevocationFeedOptions) {
    this.#options = options;
    this.#known = new Revocations(options.most);
    this.#channel = `${options.prefix}-revoked`;
    this.#client = redisClient(options.target, { name: "realtime-revocations", random: options.random }) as Redis;
    this.#client.on("error", () => undefined); // the link to the same Redis logs the error
    this.#client.on("ready", () => void this.#client.subscribe(this.#channel).catch(() => this.reconnect()));
    this.#client.on("messageBuffer", (_channel, message) => this.#heard(message));
    this.#client.connect().catch(() => undefined); // ioredis retries
  }

  covers(identity: { userId: string; tokenId?: string; issuedAtMs: number }): boolean {
    return this.#known.covers(identity, this.#options.now());
  }

  isDoubtful(identity: { userId: string; tokenId?: string; issuedAtMs: number }): boolean {
    return this.#known.isDoubtful(identity, this.#options.now());
  }

  onRevoked(listener: (target: RevocationTarget) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Revokes on this node at once, and on the other nodes when Redis has stored the revocation. If Redis cannot be used,
   * `reconcile` sends the revocation when Redis is back.
   */
  async revoke(target: RevocationTarget, untilMs: number): Promise<void> {
    const { link, now, most } = this.#options;
    const key = revocationKey(target);
    const until = Math.min(untilMs, FOREVER_MS);
    const reply = await unlessDown(link.run("revoke", [this.#channel, most, key, "", until]));
    this.#learn(key, Number(reply?.[0] ?? now()), until);
  }

  /** Reads all revocations if this node has missed some. `version` is the latest version number in Redis. */
  async catchUp(version: number): Promise<void> {
    if (version === this.#version || this.#isReading) return;
    // Redis has revocations whose messages did not arrive, so the subscriber's connection is possibly dead.
    if (!this.#hasHeard) this.reconnect();
    this.#hasHeard = false;
    this.#isReading = true;
    try {
      // If the link fails before all revocations are read, they are read again at the next renewal of the lease.
      if ((await unlessDown(this.#readAll())) !== undefined) this.#version = version;
    } finally {
      this.#isReading = false;
    }
  }

  /** After an outage of Redis: reads all revocations, and sends those that Redis does not have. */
  async reconcile(version: number): Promise<void> {
    this.#version = -1;
    this.#hasHeard = true;
    await this.catchUp(version);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#client.disconnect();
  }

  /** Closes the subscriber's connection. ioredis then connects again. */
  reconnect(): void {
    if (!this.#isClosed && this.#client.status === "ready") this.#client.disconnect(true);
  }

  async #readAll(): Promise<"read"> {
    const { link, now, most } = this.#options;
    const mine = new Map(this.#known.entries(now()));
    for (let cursor = "0"; ;) {
      const [next, ...found] = await link.run("listRevocations", [cursor]);
      for (let index = 0; index < found.length; index += 2) {
        const revocation = revocationIn(`${found[index + 1]} ${found[index]}`);
        if (revocation === undefined) continue;
        const { key, atMs, untilMs } = revocation;
        if ((mine.get(key)?.atMs ?? Infinity) <= atMs) mine.delete(key);
        this.#learn(key, atMs, untilMs);
      }
      cursor = String(next);
      if (cursor === "0") break;
    }
    const missing = [...mine];
    for (let at = 0; at < missing.length; at += CHUNK) {
      const chunk = missing.slice(at, at + CHUNK).flatMap(([key, { atMs, untilMs }]) => [key, atMs, untilMs]);
      await link.run("revoke", [this.#channel, most, ...chunk]);
    }
    return "read";
  }

  #heard(message: Buffer): void {
    if (message.length > MOST_BYTES) return;
    const [, version, told = ""] = /^(\d{1,15}) (.+)$/s.exec(message.toString()) ?? [];
    const revocation = revocationIn(told);
    if (revocation === undefined) return;
    this.#hasHeard = true;
    if (Number(version) === this.#version + 1) this.#version += 1;
    this.#learn(revocation.key, revocation.atMs, revocation.untilMs);
  }

  #learn(key: string, atMs: number, untilMs: number): void {
    if (!this.#known.add(key, { atMs, untilMs }, this.#options.now())) return;
    const target = revocationTarget(key);
    for (const listener of this.#listeners) listener(target);
  }
}

/** Parses "FROM END KEY". Undefined for other text: a revocation whose end is NaN would never expire. */
function revocationIn(text: string): { key: string; atMs: number; untilMs: number } | undefined {
  const [, atMs, untilMs, key] = /^(\d{1,15}) (\d{1,15}) ([tu]:.+)$/s.exec(text) ?? [];
  return key === undefined ? undefined : { key, atMs: Number(atMs), untilMs: Number(untilMs) };
}
