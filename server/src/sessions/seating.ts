import { andThen } from "../and-then.ts";
import type { Connection } from "../connections/connection.ts";
import type { GhostSearch } from "../connections/ghost-search.ts";
import type { SeatAnswer, SeatLedger } from "../ledger/ledger.ts";
import type { LiveState } from "../live-config/live-state.ts";

/**
 * Longest time to wait for a seat. It is longer than a search for dead connections, and longer than the lease of a dead
 * gateway.
 */
const WAIT_MS = 15_000;
const EVERY_MS = 250;
/** Maximum number of one user's connections that wait for a seat. Further ones are refused at once, and try again. */
const MOST_WAITING = 100;

export interface SeatingDeps {
  ledger: SeatLedger;
  live: Pick<LiveState, "limits">;
  ghosts: Pick<GhostSearch, "search">;
  nowMs: () => number;
  wait: (afterMs: number) => Promise<void>;
}

interface Asking {
  connection: Connection;
  userId: string;
  ask: () => SeatAnswer | Promise<SeatAnswer>;
}

/**
 * Takes a seat for a connection. If the user is at the limit, it waits until seats of dead connections become free: the
 * ghost search closes such connections, and the lease of a dead gateway expires.
 */
export class Seating {
  readonly #deps: SeatingDeps;
  readonly #waiting = new Map<string, number>();

  constructor(deps: SeatingDeps) {
    this.#deps = deps;
  }

  /** `former`: engine id of the client's last connection. The seat of this earlier connection moves to the new one. */
  take(connection: Connection, userId: string, former?: string): SeatAnswer | Promise<SeatAnswer> {
    const ask = (): SeatAnswer | Promise<SeatAnswer> =>
      this.#deps.ledger.takeSeat({ socketId: connection.engine.id, userId }, former);
    return andThen(ask(), (answer) => this.#unlessAtLimit({ connection, userId, ask }, answer));
  }

  #unlessAtLimit(asking: Asking, answer: SeatAnswer): SeatAnswer | Promise<SeatAnswer> {
    const { userId } = asking;
    const waiting = this.#waiting.get(userId) ?? 0;
    if (answer.taken || answer.limit === "global" || answer.isPassing) return answer;
    if (waiting >= MOST_WAITING) return { ...answer, isPassing: true };
    this.#waiting.set(userId, waiting + 1);
    return this.#retry(asking).finally(() => {
      const left = this.#waiting.get(userId)! - 1;
      if (left === 0) this.#waiting.delete(userId);
      else this.#waiting.set(userId, left);
    });
  }

  async #retry({ connection, userId, ask }: Asking): Promise<SeatAnswer> {
    const { live, ghosts, nowMs, wait } = this.#deps;
    const untilMs = nowMs() + WAIT_MS;
    connection.emptyUntilMs = Math.max(connection.emptyUntilMs, untilMs + EVERY_MS);
    const refused = { taken: false, limit: "user", isPassing: false } as const;
    let alive = 0;
    const found = Promise.withResolvers<void>();
    const stop = ghosts.search(userId, (count) => {
      alive = count;
      if (alive >= live.limits.maxConnectionsPerUser) found.resolve();
    });
    try {
      for (;;) {
        await Promise.race([wait(EVERY_MS), found.promise]);
        if (connection.engine.readyState !== "open") return refused;
        const answer = await ask();
        if (answer.taken || answer.limit === "global" || answer.isPassing) return answer;
        if (alive >= live.limits.maxConnectionsPerUser) return answer;
        // Not enough connections have answered, so some of the user's seats possibly belong to dead ones.
        if (nowMs() >= untilMs) return { ...answer, isPassing: true };
      }
    } finally {
      stop();
    }
  }
}
