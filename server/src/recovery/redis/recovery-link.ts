import type { Cluster, Redis } from "ioredis";
import type { Logger } from "pino";
import { scriptsOf, streamOf, type Scripts } from "../../internals/ioredis.ts";
import { connectionProblem } from "../../redis/connection-problem.ts";
import { ReconnectBackoff } from "../../redis/reconnect-backoff.ts";
import type { RedisTarget } from "../../redis/redis-address.ts";
import { redisClient } from "../../redis/redis-client.ts";
import { goneScripts } from "./gone-scripts.ts";
import { logScripts } from "./log-scripts.ts";
import { ownerScripts } from "./owner-scripts.ts";
import { sessionScripts } from "./session-scripts.ts";

const scripts = { ...logScripts, ...ownerScripts, ...sessionScripts, ...goneScripts };
export type RecoveryScript = keyof typeof scripts;

export interface RecoveryLinkOptions {
  target: RedisTarget;
  prefix: string;
  logger: Logger;
  nowMs: () => number;
  random: () => number;
  onUp: () => void;
  onDown: () => void;
  /** Called when an answer of Redis cannot be parsed. */
  onMalformed: () => void;
}

/** The connection is closed if Redis has sent nothing for this long while an answer is due. */
const SILENT_MS = 2_000;
/** A refusal counts for this long after the command was refused. The time is long, because some commands are rare. */
const REFUSAL_KNOWN_MS = 30_000;
const CLOSED = "the connection closed";
/** Minimum time between two log lines about a refused command. The command itself is tried again every second. */
const LOG_REFUSALS_EVERY_MS = 60_000;
/**
 * Errors of a server that does not accept writes, or not from this client. Connect again, because the name can then
 * lead to another server.
 */
const ELSEWHERE = /^(READONLY|LOADING|MASTERDOWN|NOAUTH|UNKILLABLE)/;

/**
 * The connection to Redis for the message log and the sessions. Redis runs commands, and answers, in the order in which
 * they were sent.
 */
export class RecoveryLink {
  readonly #options: RecoveryLinkOptions;
  readonly #client: Redis | Cluster;
  readonly #scripts: Scripts<string>;
  readonly #base: string;
  readonly #backoff: ReconnectBackoff;
  readonly #timer: NodeJS.Timeout;
  #isUp = false;
  #isClosed = false;
  #isCorked = false;
  #epoch = 0;
  #pending = 0;
  #heardAtMs = 0;
  #refusalLoggedAtMs = -Infinity;
  #reason: string | undefined;
  /** The last command that Redis has refused. Undefined again when the same command succeeds. */
  #refusal: { script: string; reason: string; atMs: number } | undefined;

  constructor(options: RecoveryLinkOptions) {
    this.#options = options;
    this.#base = `${options.prefix}:{${options.prefix}}:`;
    this.#backoff = new ReconnectBackoff(options.random);
    this.#client = redisClient(options.target, {
      ...{ name: "realtime-recovery", random: options.random, backoff: this.#backoff },
    });
    for (const [name, lua] of Object.entries(scripts)) this.#client.defineCommand(name, { numberOfKeys: 1, lua });
    this.#scripts = scriptsOf(this.#client);
    const client = this.#client as Redis;
    client.on("error", (error: Error) => this.#down(connectionProblem(error)));
    client.on("close", () => this.#down(CLOSED));
    client.on("ready", () => {
      options.logger.info("recovery log connected");
      this.#up();
    });
    client.connect().catch(() => undefined); // the error and close handlers report it, and ioredis retries
    this.#timer = setInterval(() => this.#watch(), 1_000);
    this.#timer.unref();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Why the log could not be used the last time, without credentials. Undefined before the first failure. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /**
   * Why Redis has refused a command recently. It is needed besides `isUp`, because the link counts as up again a second
   * after each refusal.
   */
  get refusal(): string | undefined {
    const { atMs = -Infinity, reason } = this.#refusal ?? {};
    return this.#options.nowMs() - atMs < REFUSAL_KNOWN_MS ? reason : undefined;
  }

  /**
   * Runs a script and calls back with the parsed answer. The answer is undefined if Redis gave none, if the connection
   * was lost before it came, or if `read` cannot parse it. `readLogBuffer` is the script `readLog` with buffers instead
   * of strings in its answer.
   */
  run<T>(
    script: RecoveryScript | "readLogBuffer",
    args: readonly (string | number | Buffer)[],
    read: (reply: unknown) => T | undefined,
    done: (answer: T | undefined) => void,
  ): void {
    if (!this.#isUp) return done(undefined);
    const epoch = this.#epoch;
    if (this.#pending === 0) this.#heardAtMs = this.#options.nowMs();
    this.#pending += 1;
    this.#cork();
    this.#scripts[script]!(this.#base, ...(args as string[])).then(
      (answer) => {
        if (epoch !== this.#epoch) return done(undefined);
        this.#pending -= 1;
        this.#heardAtMs = this.#options.nowMs();
        if (this.#refusal?.script === script) this.#refusal = undefined;
        const answered = read(answer);
        if (answered === undefined) this.#malformed(script);
        else this.#backoff.succeeded();
        done(answered);
      },
      (error: unknown) => {
        if (epoch === this.#epoch) this.#refused(script, error instanceof Error ? error : new Error(String(error)));
        done(undefined);
      },
    );
  }

  /** Writes the queued commands now and not at the end of this turn of the event loop. */
  flush(): void {
    const stream = streamOf(this.#client);
    if (!this.#isCorked || stream === undefined) return;
    stream.uncork();
    stream.cork();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#down("closed");
    this.#client.disconnect();
  }

  /** Joins all commands of one turn of the event loop into one write. It comes before this turn's writes to clients. */
  #cork(): void {
    const stream = streamOf(this.#client);
    if (this.#isCorked || stream === undefined) return;
    this.#isCorked = true;
    stream.cork();
    setImmediate(() => {
      this.#isCorked = false;
      stream.uncork();
    });
  }

  #up(): void {
    if (this.#isUp || this.#isClosed) return;
    this.#isUp = true;
    this.#pending = 0;
    this.#options.onUp();
  }

  #down(reason: string, isLogged = true): void {
    // If the connection closes after a failure, keep the reason of the failure, because "closed" says less.
    if (this.#isUp || reason !== CLOSED) this.#reason = reason;
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#epoch += 1;
    this.#pending = 0;
    if (!this.#isClosed && isLogged) this.#options.logger.warn({ reason }, "recovery log disconnected");
    this.#options.onDown();
  }

  /**
   * After an answer that cannot be parsed, later answers possibly belong to other commands. So start a new connection.
   */
  #malformed(script: string): void {
    this.#options.onMalformed();
    this.#down(`malformed answer to ${script}`);
    this.#client.disconnect(true);
  }

  #refused(script: string, error: Error): void {
    const nowMs = this.#options.nowMs();
    if (error.name === "ReplyError") this.#refusal = { script, reason: connectionProblem(error), atMs: nowMs };
    const isLogged = nowMs - this.#refusalLoggedAtMs >= LOG_REFUSALS_EVERY_MS;
    if (isLogged) this.#refusalLoggedAtMs = nowMs;
    this.#down(connectionProblem(error), isLogged);
    if (ELSEWHERE.test(error.message) && this.#client.status === "ready") this.#client.disconnect(true);
  }

  /**
   * Closes the connection to a server that does not answer. After a refused command, keeps the connection and tries
   * again.
   */
  #watch(): void {
    if (this.#isUp && this.#pending > 0 && this.#options.nowMs() - this.#heardAtMs > SILENT_MS) {
      this.#down("no answer");
      this.#client.disconnect(true);
    } else if (!this.#isUp && this.#client.status === "ready") this.#up();
  }
}
