import type { Cluster, Redis } from "ioredis";
import { scriptsOf, type Scripts } from "../../internals/ioredis.ts";
import { connectionProblem, withAdvice } from "../../redis/connection-problem.ts";
import type { RedisTarget } from "../../redis/redis-address.ts";
import { ReconnectBackoff } from "../../redis/reconnect-backoff.ts";
import { redisClient } from "../../redis/redis-client.ts";
import { isAnswerTo } from "./scripts/answers.ts";
import { scripts, type Reply, type ScriptName } from "./scripts/scripts.ts";

export interface LinkOptions {
  target: RedisTarget;
  /** Prefix of all keys in Redis. */
  prefix: string;
  /**
   * Redis counts as down if it sends nothing for this long while an answer is due. If other answers arrive, a single
   * answer can take four times as long.
   */
  deadlineMs: number;
  now: () => number;
  random: () => number;
  /** The wait before each reconnect. Default: a backoff that starts again after the first successful script. */
  backoff?: ReconnectBackoff;
  onReady(): void;
  onDown(reason: string): void;
}

/**
 * Redis cannot be reached, is too slow, or refuses commands. It is unknown whether it has executed the failed command.
 */
export class LinkDown extends Error {}

/** Returns undefined if the link is down. Throws all other errors, because they are bugs. */
export async function unlessDown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof LinkDown) return undefined;
    throw error;
  }
}

/**
 * One connection to Redis with a deadline for each answer. Redis runs scripts, and answers, in the order in which they
 * were sent. If a script fails or is late, the link closes the connection and rejects all requests without an answer.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #client: Redis | Cluster;
  readonly #scripts: Scripts<ScriptName>;
  readonly #base: string;
  readonly #backoff: ReconnectBackoff;
  readonly #pending = new Set<{ sentAtMs: number; reject: (reason: Error) => void }>();
  #watch: NodeJS.Timeout | undefined;
  #isUp = false;
  #isClosed = false;
  #heardAtMs = 0;
  #reason = "connecting";

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#base = `${options.prefix}:{${options.prefix}}:`;
    const { target, random, backoff = new ReconnectBackoff(random) } = options;
    this.#backoff = backoff;
    this.#client = redisClient(target, { name: "realtime-ledger", random, backoff });
    for (const { name, lua } of scripts) this.#client.defineCommand(name, { numberOfKeys: 1, lua });
    this.#scripts = scriptsOf(this.#client);
    const client = this.#client as Redis;
    client.on("error", (error: Error) => {
      const reason = connectionProblem(error);
      // If Redis sent an answer that no caller waits for, an earlier caller has got a wrong answer. So fail while the
      // link is up.
      if (this.#isUp) this.#fail(reason);
      else this.#reason = reason;
    });
    client.on("close", () => this.#fail("the connection closed"));
    client.on("ready", () => {
      if (this.#isUp || this.#isClosed) return;
      this.#isUp = true;
      options.onReady();
    });
    client.connect().catch(() => undefined); // the error and close handlers log it, and ioredis retries
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Why the connection to Redis was down the last time, without credentials. */
  get reason(): string {
    return this.#reason;
  }

  run(script: ScriptName, args: readonly (string | number)[]): Promise<Reply> {
    if (!this.#isUp) return Promise.reject(new LinkDown("Redis is away"));
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const entry = { sentAtMs: this.#options.now(), reject };
    this.#pending.add(entry);
    this.#scripts[script](this.#base, ...args).then(
      (reply) => {
        if (!isAnswerTo(script, reply)) return this.#fail(`Redis sent an unexpected answer to the script ${script}`);
        this.#pending.delete(entry);
        this.#heardAtMs = this.#options.now();
        this.#backoff.succeeded();
        resolve(reply);
      },
      (error: unknown) =>
        this.#fail(withAdvice(`${script} failed: ${error instanceof Error ? error.message : String(error)}`)),
    );
    this.#watch ??= this.#wait(this.#options.deadlineMs);
    return promise;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#fail("closed");
    clearTimeout(this.#watch);
    this.#client.disconnect();
  }

  // If this process was blocked, the timer runs before the answers that have arrived are read. So wait for one more
  // turn of the event loop.
  #wait(afterMs: number): NodeJS.Timeout {
    return setTimeout(() => setImmediate(() => this.#check()), afterMs);
  }

  #check(): void {
    this.#watch = undefined;
    const [oldest] = this.#pending;
    if (oldest === undefined || this.#isClosed) return;
    const { deadlineMs, now } = this.#options;
    const silenceEndsMs = Math.max(oldest.sentAtMs, this.#heardAtMs) + deadlineMs;
    const leftMs = Math.min(silenceEndsMs, oldest.sentAtMs + 4 * deadlineMs) - now();
    if (leftMs > 0) this.#watch = this.#wait(Math.min(leftMs, deadlineMs));
    else this.#fail(`no answer within ${now() - oldest.sentAtMs} ms`);
  }

  #fail(reason: string): void {
    const wasUp = this.#isUp;
    this.#isUp = false;
    if (wasUp) this.#reason = reason;
    if (wasUp && !this.#isClosed) {
      this.#options.onDown(reason);
      if (this.#client.status === "ready") this.#client.disconnect(true);
    }
    for (const { reject } of this.#pending) reject(new LinkDown(reason));
    this.#pending.clear();
  }
}
