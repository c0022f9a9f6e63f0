/**
 * Collects why connections to Redis fail, because ioredis often reports less. It reports "Connection is closed" if a
 * Cluster node cannot be reached. It reports ECONNRESET even if the server has written why it refuses the client.
 */
export class ConnectionFailures {
  readonly #isEncrypted: boolean;
  /** idle: there is no TCP connection. open: the server has not answered yet. ready: the client has logged in. */
  #phase: "idle" | "open" | "ready" = "idle";
  #last: Error | undefined;
  /**
   * The last failure that says more than that the connection broke. It is kept, because the server's reason does not
   * arrive at every attempt.
   */
  #telling: Error | undefined;

  constructor(isEncrypted: boolean) {
    this.#isEncrypted = isEncrypted;
  }

  /** Notes that a TCP connection was made, before TLS. */
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

  /** Notes that the client has logged in. Failures after this have other reasons, so forgets the earlier ones. */
  ready(): void {
    this.#phase = "ready";
    this.#last = undefined;
    this.#telling = undefined;
  }

  closed(): void {
    this.#phase = "idle";
  }

  /** Adds the reason, if it is known, as the cause of an error of ioredis. */
  explain(error: Error): void {
    if (saysNothing(error)) error.cause ??= this.#telling ?? this.#guess(error);
    else if (this.#last === undefined) {
      error.cause ??= this.#guess(error);
      this.#telling = error.cause instanceof Error ? error.cause : error;
    } else if (error !== this.#last) error.cause ??= saysNothing(this.#last) ? this.#telling : this.#last;
  }

  /** The likely reason if a server closes a new connection, or never answers. */
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

/**
 * ioredis' message when it has come to the end of its list of Sentinels without an error. This happens at every second
 * attempt, so the message says nothing about the reason.
 */
const END_OF_SENTINELS = /^All sentinels are unreachable\. Retrying from scratch after \d+ms\.$/;

function saysNothing({ code, message }: NodeJS.ErrnoException): boolean {
  return isBroken(code) || END_OF_SENTINELS.test(message);
}

function isBroken(code: string | undefined): boolean {
  return code === "ECONNRESET" || code === "EPIPE";
}
