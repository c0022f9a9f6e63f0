import type { Connection } from "../connections/connection.ts";
import type { GatewayDeps } from "../deps.ts";
import type { DrainBudget } from "../ledger/ledger.ts";

/** Which connections to move, and until when. */
export interface Move {
  connections: readonly Connection[];
  reason: keyof typeof causes;
  deadlineMs: number;
  signal: AbortSignal;
  /** For how long a client that moves by itself may keep its connection after it was told to move. */
  ownMoveMs: number;
}

export interface PacedMoveDeps extends Pick<GatewayDeps, "metrics" | "nowMs"> {
  ledger: DrainBudget;
  gateway: { connections: ReadonlyMap<string, Connection> };
  /** Resolves after this time, or earlier if `signal` aborts. */
  wait: (afterMs: number, signal: AbortSignal) => Promise<void>;
}

/** Close reason → label of the metric `realtime_drained_connections_total`. */
const causes = { DRAINED: "drain", SHED: "rebalance", AGED: "age" } as const;
const MOST_AT_ONCE = 20;
/** How often to look whether clients have moved by themselves. */
const OWN_MOVE_POLL_MS = 50;

/**
 * Moves connections at the rate that all draining gateways share. Each close needs a drain token, and so does each
 * request to a client to move by itself.
 */
export class PacedMove {
  readonly #deps: PacedMoveDeps;
  readonly #move: Move;
  #left: readonly Connection[];
  /** Clients that were told to move by themselves, and when their connections may be closed. */
  readonly #told = new Map<Connection, number>();
  readonly #closed = new Set<Connection>();
  #moved = 0;
  #taken = 0;
  /**
   * Clients that disconnected on their own. They need drain tokens too, because they reconnect to other gateways and
   * add to the same load.
   */
  #owed = 0;

  constructor(deps: PacedMoveDeps, move: Move) {
    this.#deps = deps;
    this.#move = move;
    this.#left = move.connections;
  }

  /** Runs until the deadline or until the signal aborts. Resolves to the number of moved connections. */
  async run(): Promise<number> {
    const { ledger, nowMs, wait } = this.#deps;
    const { connections, deadlineMs, signal } = this.#move;
    for (;;) {
      this.#update();
      if (this.#left.length === 0 || nowMs() >= deadlineMs || signal.aborted) break;
      const pauseMs = await this.#moveSome();
      if (pauseMs > 0) await wait(Math.min(pauseMs, Math.max(0, deadlineMs - nowMs())), signal);
    }
    // Clients that were told and then closed have used two tokens each, so `#taken` can be the larger number.
    await ledger.announceDrain(Math.min(0, this.#taken - connections.length));
    return this.#moved;
  }

  /** Removes connections that have ended. Puts clients that wait for a handler last: most get their answer first. */
  #update(): void {
    const idle: Connection[] = [];
    const waiting: Connection[] = [];
    for (const connection of this.#left) {
      if (!this.#isHere(connection)) this.#ended(connection);
      else if (connection.handlerRequests === 0) idle.push(connection);
      else waiting.push(connection);
    }
    this.#left = waiting.length === 0 ? idle : idle.concat(waiting);
  }

  #isHere(connection: Connection): boolean {
    return this.#deps.gateway.connections.has(connection.engine.id) && !connection.isClosing;
  }

  #ended(connection: Connection): void {
    if (this.#closed.delete(connection)) return;
    if (!this.#told.has(connection)) this.#owed += 1;
    if (connection.closeReason === "TAKEN_OVER") this.#count();
  }

  /** Moves as many connections as there are tokens. Resolves to the milliseconds to wait before the next call. */
  async #moveSome(): Promise<number> {
    const { ledger, nowMs } = this.#deps;
    const due = this.#left.filter((connection) => (this.#told.get(connection) ?? 0) <= nowMs());
    const wanted = this.#owed + due.length;
    if (wanted === 0) return OWN_MOVE_POLL_MS;
    const { granted, nextAfterMs } = await ledger.takeDrainTokens(Math.min(MOST_AT_ONCE, wanted));
    this.#taken += granted;
    const paid = Math.min(this.#owed, granted);
    this.#owed -= paid;
    for (const connection of due.slice(0, granted - paid)) this.#moveOne(connection);
    return granted === 0 || wanted > granted ? Math.max(nextAfterMs, 5) : 0;
  }

  #moveOne(connection: Connection): void {
    const { ownMoveMs, reason } = this.#move;
    // A client that was told and has not moved still has to reconnect, so its close has used a second token.
    if (ownMoveMs === 0 || !connection.movesItself || this.#told.has(connection)) {
      this.#closed.add(connection);
      connection.close(reason);
      return this.#count();
    }
    this.#told.set(connection, this.#deps.nowMs() + ownMoveMs);
    announceMove(connection, 0);
  }

  #count(): void {
    this.#moved += 1;
    this.#deps.metrics.drained.inc({ cause: causes[this.#move.reason] });
  }
}

/** Tells the client of a connection to reconnect within this time. */
export function announceMove({ sockets }: Connection, reconnectWithinMs: number): void {
  for (const socket of sockets) socket.emit("server:draining", { reconnectWithinMs });
}
