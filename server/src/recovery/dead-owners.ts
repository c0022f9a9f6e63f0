import type { Logger } from "pino";
import type { GoneOutbox } from "./gone/gone-outbox.ts";
import type { OwnerStore } from "./redis/owner-store.ts";
import { LEAVE_WITHIN_MS } from "./redis/session-scripts.ts";
import type { StoredSession } from "./redis/session-store.ts";

/** Room → number of `user_left` events that were sent to the room while one batch of dead gateways was handled. */
export type Told = Map<string, number>;

export interface DeadOwnersOptions {
  owners: OwnerStore;
  gone: Pick<GoneOutbox, "entryAfterGrace">;
  graceMs: () => number;
  /** Removes a client of a dead gateway from its rooms, and tells the other members. */
  leave: (session: StoredSession, told: Told) => Promise<void>;
  /**
   * Called when Redis no longer knows this gateway, because another gateway counted it as dead, or because Redis has
   * lost its data.
   */
  onForgotten: () => void;
  logger: Logger;
  nowMs: () => number;
  wait: (ms: number) => Promise<void>;
}

const BEAT_MS = 2_000;
/**
 * A gateway counts as dead when it has sent no heartbeat for this long. It is the length of the ledger's lease, so a
 * shorter pause of a gateway has no effect.
 */
const DEAD_AFTER_MS = 10_000;
/**
 * After an outage of Redis, no gateway counts as dead for this long, so that every gateway can send a heartbeat first.
 */
const SETTLED_MS = 10_000;
const PAGE = 100;
const PAGE_EVERY_MS = 20;
/** Number of clients that are removed from their rooms at the same time. */
const AT_ONCE = 20;
/**
 * How long a gateway can keep the lock for one page. It is longer than a page takes. If the gateway dies, another one
 * continues after this time.
 */
const LOCK_MS = 10_000;

/**
 * Sends this gateway's heartbeats to Redis, and watches the heartbeats of the other gateways. When a gateway is dead
 * and the grace period has passed, one living gateway removes the dead gateway's clients from their rooms, unless they
 * have returned. It handles one page of sessions at a time, with pauses.
 */
export class DeadOwners {
  readonly #options: DeadOwnersOptions;
  readonly #timer: NodeJS.Timeout;
  #upSinceMs: number | undefined;
  #isKnown = false;
  #isSweeping = false;
  #isClosed = false;

  constructor(options: DeadOwnersOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#beat(), BEAT_MS);
    this.#timer.unref();
    void this.#beat();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  async #beat(): Promise<void> {
    const { owners, graceMs, onForgotten, nowMs, logger } = this.#options;
    const beat = await owners.beat();
    if (beat === undefined) {
      this.#upSinceMs = undefined;
      return;
    }
    this.#upSinceMs ??= nowMs();
    if (beat.isNew && this.#isKnown) onForgotten();
    this.#isKnown = true;
    if (nowMs() - this.#upSinceMs < SETTLED_MS || this.#isSweeping) return;
    // Add BEAT_MS, because a gateway can live up to BEAT_MS after its last heartbeat.
    const dueMs = Math.max(graceMs() + BEAT_MS, DEAD_AFTER_MS);
    const dead = [...beat.agesMs].filter(([, ageMs]) => ageMs >= dueMs).map(([owner]) => owner);
    if (dead.length === 0) return;
    this.#isSweeping = true;
    try {
      await this.#sweep(dead);
    } catch (error) {
      logger.error({ err: error }, "clients of a dead gateway could not be removed from their rooms");
    } finally {
      this.#isSweeping = false;
    }
  }

  async #sweep(dead: readonly string[]): Promise<void> {
    const { owners, gone, wait, logger, nowMs } = this.#options;
    const told: Told = new Map();
    let [left, late] = [0, 0];
    for (let cursor: string | undefined; cursor !== "0";) {
      const untilMs = nowMs() + LEAVE_WITHIN_MS;
      const page = await owners.leavePage(dead, cursor ?? "0", { count: PAGE, lockMs: LOCK_MS });
      if (page === undefined || page === "busy" || this.#isClosed) return;
      const done = await this.#leave(page.sessions, { told, untilMs });
      const confirmed = done.map((session) => {
        const absent = { ...session, generation: session.formerGeneration };
        return { hash: session.hash, gone: gone.entryAfterGrace(absent, nowMs()) };
      });
      if ((await owners.confirmLeft(confirmed)) === undefined) return;
      left += done.length;
      late += page.sessions.length - done.length;
      cursor = page.cursor;
      await wait(PAGE_EVERY_MS);
    }
    // If some sessions were late, do not forget the dead gateways. Redis has marked these sessions and got no
    // confirmation, so the next pass finds them again.
    if (late === 0) await owners.forget(dead);
    logger.info({ gateways: dead.length, clients: left, late }, "clients of dead gateways removed from their rooms");
  }

  /**
   * Removes clients from their rooms until `untilMs`. Returns the sessions that were handled. The clients of the other
   * sessions can have returned by now, so their rooms must not be told that they left.
   */
  async #leave(
    sessions: readonly StoredSession[],
    { told, untilMs }: { told: Told; untilMs: number },
  ): Promise<readonly StoredSession[]> {
    const { leave, nowMs } = this.#options;
    let at = 0;
    for (; at < sessions.length && nowMs() < untilMs; at += AT_ONCE)
      await Promise.all(sessions.slice(at, at + AT_ONCE).map((session) => leave(session, told)));
    return sessions.slice(0, at);
  }
}
