import type { Logger } from "pino";
import type { OwnerStore } from "./redis/owner-store.ts";
import { LEAVE_WITHIN_MS } from "./redis/session-scripts.ts";
import type { StoredSession } from "./redis/session-store.ts";

/** How often user_left was sent to a room while one sweep goes on. */
export type Told = Map<string, number>;

export interface DeadOwnersOptions {
  owners: OwnerStore;
  graceMs: () => number;
  /** Takes the client of a dead gateway out of its rooms, and tells their members. */
  leave: (session: StoredSession, told: Told) => Promise<void>;
  /** This gateway was mistaken for dead, or Redis has lost its data. */
  onForgotten: () => void;
  logger: Logger;
  nowMs: () => number;
  wait: (ms: number) => Promise<void>;
}

const BEAT_MS = 2_000;
/** As long as a lease of the ledger: a shorter pause of a gateway is no death. */
const DEAD_AFTER_MS = 10_000;
/** After an outage of Redis every gateway beats within this time; nobody is dead before. */
const SETTLED_MS = 10_000;
const PAGE = 100;
const PAGE_EVERY_MS = 20;
/** Sessions whose rooms are left at the same time. */
const AT_ONCE = 20;
/** Longer than a page takes. Then another gateway goes on in place of one that died. */
const LOCK_MS = 10_000;

/**
 * Beats for this gateway, and watches the beats of the others. When a gateway is dead and the grace has passed, one of
 * the living ones lets each of its clients leave that did not return. Paced: a page of sessions at a time.
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
    // A gateway dies up to BEAT_MS after its last beat.
    const dueMs = Math.max(graceMs() + BEAT_MS, DEAD_AFTER_MS);
    const dead = [...beat.agesMs].filter(([, ageMs]) => ageMs >= dueMs).map(([owner]) => owner);
    if (dead.length === 0) return;
    this.#isSweeping = true;
    try {
      await this.#sweep(dead);
    } catch (error) {
      logger.error({ err: error }, "clients of a dead gateway could not leave");
    } finally {
      this.#isSweeping = false;
    }
  }

  async #sweep(dead: readonly string[]): Promise<void> {
    const { owners, wait, logger, nowMs } = this.#options;
    const told: Told = new Map();
    let [left, late] = [0, 0];
    for (let cursor: string | undefined; cursor !== "0";) {
      const untilMs = nowMs() + LEAVE_WITHIN_MS;
      const page = await owners.leavePage(dead, cursor ?? "0", { count: PAGE, lockMs: LOCK_MS });
      if (page === undefined || page === "busy" || this.#isClosed) return;
      const done = await this.#leave(page.sessions, { told, untilMs });
      if ((await owners.confirmLeft(done.map(({ hash }) => hash))) === undefined) return;
      left += done.length;
      late += page.sessions.length - done.length;
      cursor = page.cursor;
      await wait(PAGE_EVERY_MS);
    }
    // A later sweep finds the others again, because they were marked and not confirmed.
    if (late === 0) await owners.forget(dead);
    logger.info({ gateways: dead.length, clients: left, late }, "clients of dead gateways left");
  }

  /** Returns the sessions that left in time. After it, their clients may have returned. */
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
