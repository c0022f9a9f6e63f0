import type { ClientSession } from "../client-session.ts";
import { numberIn } from "../redis/log-replies.ts";
import type { RecoveryLink, RecoveryScript } from "../redis/recovery-link.ts";
import { absenceId, goneEntry, type GoneClient, type GoneEntry, type GoneReason } from "./gone-session.ts";
import { MemoryOutbox } from "./memory-outbox.ts";

export interface GoneOutboxOptions {
  /** The connection to Redis. Undefined while recovery is off or if there is no Redis. */
  link: () => RecoveryLink | undefined;
  /** Whether the application wants to be told about ended sessions. */
  isWanted: () => boolean;
  graceMs: () => number;
  nowMs: () => number;
}

type KnownSession = Pick<ClientSession, "userId" | "namespace" | "socketId" | "hash" | "generation" | "rooms">;

/** Ended sessions that this gateway must report to the application now. */
export interface GoneBatch {
  entries: readonly { id: string; text: string }[];
  /** Number of sessions that were dropped since the last batch, because there were too many or they were too old. */
  dropped: number;
  /** Number of sessions in the outbox. Undefined if Redis did not answer. */
  waiting: number | undefined;
  source: "redis" | "memory";
}

const FLUSHED_AT_ONCE = 200;

/**
 * The ended sessions that must still be reported to the application. They are in Redis, where the scripts that end
 * sessions store them, so any gateway can report them. Without Redis, they are in this gateway's memory.
 */
export class GoneOutbox {
  readonly #options: GoneOutboxOptions;
  readonly #memory: MemoryOutbox;

  constructor(options: GoneOutboxOptions) {
    this.#options = options;
    this.#memory = new MemoryOutbox(options.nowMs);
  }

  /**
   * The entry for a client that did not return within the grace period. Undefined if the application does not want to
   * be told.
   */
  entryAfterGrace(session: KnownSession, atMs: number): GoneEntry | undefined {
    if (!this.#options.isWanted()) return undefined;
    return goneEntry(clientOf(session), { id: absenceId(session), reason: "timeout", atMs, dueInMs: 0 });
  }

  /**
   * The entry for a session that ends now. It too is reported only when the grace period has passed since the client
   * disconnected.
   */
  entryAtEnd(session: ClientSession, reason: GoneReason): GoneEntry | undefined {
    if (!this.#options.isWanted() || session.hasLeft) return undefined;
    const nowMs = this.#options.nowMs();
    const atMs = session.state === "away" ? session.awaySinceMs : nowMs;
    const dueInMs = Math.max(0, this.#options.graceMs() - (nowMs - atMs));
    return goneEntry(clientOf(session), { id: absenceId(session), reason, atMs, dueInMs });
  }

  /** Adds a client that has left and has no session in Redis, because recovery is off. */
  leftUnkept(client: GoneClient, reason: GoneReason): void {
    if (!this.#options.isWanted()) return;
    const { nowMs, graceMs } = this.#options;
    this.keep(goneEntry(client, { id: client.socketId, reason, atMs: nowMs(), dueInMs: graceMs() }));
  }

  /** Stores an entry in memory, because Redis could not store it. */
  keep(entry: GoneEntry | undefined): void {
    if (entry !== undefined) this.#memory.add(entry);
  }

  /**
   * Takes up to `count` ended sessions that are due. No other gateway gets them for `leaseMs`. First moves those in
   * memory to Redis.
   */
  async take(count: number, leaseMs: number): Promise<GoneBatch> {
    const link = this.#options.link();
    if (link === undefined || !link.isUp || !(await this.#flush())) return this.#takeFromMemory(count, leaseMs);
    const batch = await this.#run("takeGone", [count, leaseMs], readBatch);
    const dropped = this.#memory.takeDropped();
    if (batch === undefined) return { entries: [], dropped, waiting: undefined, source: "redis" };
    return { ...batch, dropped: dropped + batch.dropped };
  }

  /** Sets after how many milliseconds the ended sessions of a batch are due again. */
  postpone({ entries, source }: GoneBatch, ms: number): void {
    const ids = entries.map(({ id }) => id);
    if (source === "memory") this.#memory.postpone(ids, ms);
    else void this.#run("postponeGone", [Math.round(ms), ...ids], isList);
  }

  /** Removes the ended sessions of a batch, because the application has received it. */
  async remove({ entries, source }: GoneBatch): Promise<void> {
    const ids = entries.map(({ id }) => id);
    if (source === "memory") this.#memory.remove(ids);
    else await this.#run("removeGone", ids, isList);
  }

  /** Moves all entries from memory to Redis. Resolves to false if some of them remain in memory. */
  async #flush(): Promise<boolean> {
    while (this.#memory.count > 0) {
      const some = this.#memory.oldest(FLUSHED_AT_ONCE);
      const list = some.map(({ id, dueInMs, text }) => [id, dueInMs, text]);
      if ((await this.#run("addGone", [JSON.stringify(list)], isList)) === undefined) return false;
      this.#memory.remove(some.map(({ id }) => id));
    }
    return true;
  }

  #takeFromMemory(count: number, leaseMs: number): GoneBatch {
    const entries = this.#memory.take(count, leaseMs);
    return { entries, dropped: this.#memory.takeDropped(), waiting: this.#memory.count, source: "memory" };
  }

  #run<T>(
    script: RecoveryScript,
    args: readonly (string | number)[],
    read: (reply: unknown) => T | undefined,
  ): Promise<T | undefined> {
    const link = this.#options.link();
    if (link === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => link.run(script, args, read, resolve));
  }
}

function clientOf({ userId, namespace, socketId, hash, rooms }: KnownSession): GoneClient {
  return { userId, namespace, socketId, sessionId: hash, rooms: [...rooms.keys()] };
}

export function readBatch(reply: unknown): GoneBatch | undefined {
  if (!Array.isArray(reply) || !reply.every((part) => typeof part === "string")) return undefined;
  const [word, dropped, waiting, ...list] = reply as readonly string[];
  const [lost, count] = [numberIn(dropped), numberIn(waiting)];
  if (word !== "gone" || lost === undefined || count === undefined || list.length % 2 !== 0) return undefined;
  const entries = Array.from({ length: list.length / 2 }, (_, index) => ({
    id: list[2 * index]!,
    text: list[2 * index + 1]!,
  }));
  return { entries, dropped: lost, waiting: count, source: "redis" };
}

function isList(reply: unknown): true | undefined {
  return Array.isArray(reply) ? true : undefined;
}
