/**
 * Why connections fail. ioredis often reports less than is known: "Connection is closed" when a Cluster node cannot be
 * reached, and ECONNRESET when a server says why it refuses the client and then closes the connection.
 */
export class ConnectionFailures {
  readonly #isEncrypted: boolean;
  /** idle: no TCP connection. open: nothing was answered yet. */
  #phase: "idle" | "open" | "ready" = "idle";
  #last: Error | undefined;
  /** The last failure that says more than that the connection broke. Not every attempt receives the server's reason. */
  #telling: Error | undefined;

  constructor(isEncrypted: boolean) {
    this.#isEncrypted = isEncrypted;
  }

  /** Call when a TCP connection is made, before TLS. */
  opened(): void {
    if (this.#phase === "idle") this.#phase = "open";
  }

  connected(): void {
    this.#last = undefined;
  }

  failed(failure: Error): void {
    this.#last = failure;
    if (!saysNothing(failure)) this.#telling = failure;
  }

  /** Call when a client has logged in. Later failures have other reasons. */
  ready(): void {
    this.#phase = "ready";
    this.#last = undefined;
    this.#telling = undefined;
  }

  closed(): void {
    this.#phase = "idle";
  }

  /** Adds the known reason to an error of ioredis as its cause. */
  explain(error: Error): void {
    if (saysNothing(error)) error.cause ??= this.#telling ?? this.#guess(error);
    else if (this.#last === undefined) {
      error.cause ??= this.#guess(error);
      this.#telling = error.cause instanceof Error ? error.cause : error;
    } else if (error !== this.#last) error.cause ??= saysNothing(this.#last) ? this.#telling : this.#last;
  }

  /** The likely reason when a server closes a new connection, or never answers on it. */
  #guess({ code }: NodeJS.ErrnoException): Error | undefined {
    if (this.#phase !== "open") return undefined;
    if (this.#isEncrypted) return code === "ETIMEDOUT" ? new Error(NO_TLS) : undefined;
    return isBroken(code) ? new Error(CLOSED) : undefined;
  }
}

const CLOSED =
  "Redis closed the new connection without an answer: if that port requires TLS, begin REDIS_URL with rediss";
const NO_TLS =
  "Redis does not answer in TLS: if that port does not use TLS, begin REDIS_URL with redis instead of rediss";

/** A Sentinel's list has come to its end without an error, as it does at every second attempt. */
const END_OF_SENTINELS = /^All sentinels are unreachable\. Retrying from scratch after \d+ms\.$/;

function saysNothing({ code, message }: NodeJS.ErrnoException): boolean {
  return isBroken(code) || END_OF_SENTINELS.test(message);
}

function isBroken(code: string | undefined): boolean {
  return code === "ECONNRESET" || code === "EPIPE";
}
