import type { Connection } from "../connections/connection.ts";
import type { GatewayDeps } from "../deps.ts";
import type { DrainBudget } from "../ledger/ledger.ts";
import { connectionsToShed } from "./connections-to-shed.ts";

/** What a drain needs of its gateway. */
export interface DrainedGateway {
  connections: ReadonlyMap<string, Connection>;
  refuseNewcomers(): void;
}

export interface DrainDeps extends Pick<GatewayDeps, "live" | "metrics" | "logger" | "nowMs"> {
  ledger: DrainBudget;
  gateway: DrainedGateway;
  /** For this long after its start, the drain moves no connection. */
  delayMs?: number;
  /** Resolves after this time, or earlier if `signal` aborts. */
  wait: (afterMs: number, signal: AbortSignal) => Promise<void>;
}

export interface DrainState {
  isDraining: boolean;
  connectionsLeft: number;
  /** How many seconds the drain would still need if this gateway alone used the whole drain rate. */
  secondsLeft: number;
}

export interface Shed {
  /** How many connections to move. */
  wanted: number;
  deadlineMs: number;
  /** Whether to leave out clients that returned in the last ten minutes. */
  sparesReturned?: boolean;
}

/** Which connections to move, and until when. */
interface Move {
  connections: readonly Connection[];
  reason: keyof typeof causes;
  deadlineMs: number;
  signal: AbortSignal;
  /** Until this time, the gateway does not close connections of clients that move by themselves. */
  ownMovesUntilMs: number;
}

/** Close reason → label of the metric `realtime_drained_connections_total`. */
const causes = { DRAINED: "drain", SHED: "rebalance", AGED: "age" } as const;
const MOST_AT_ONCE = 20;
const LINGER_MS = 2_000;
/** A client that moves by itself has this much time after the announced one, for example for a second attempt. */
const OWN_MOVE_MS = 5_000;
/** How often to look whether clients have moved by themselves. */
const OWN_MOVE_POLL_MS = 50;
/**
 * When a Kubernetes node is drained, all its gateways stop at once. Wait this long before computing the time that the
 * drains need, so that every gateway has announced how many connections it moves.
 */
const ANNOUNCED_AFTER_MS = 250;

/**
 * Moves connections to other gateways, at a rate that all draining gateways share. A stock client reconnects soon after
 * a close, and its backoff does not spread reconnects over time. So the drain spreads the closes.
 */
export class Drain {
  readonly #deps: DrainDeps;
  readonly #hurry = new AbortController();
  /** Ends all sheds when a drain begins, because the drain moves every connection. */
  readonly #endOfSheds = new AbortController();
  readonly #shedding = new Set<Connection>();
  #running: Promise<void> | undefined;

  constructor(deps: DrainDeps) {
    this.#deps = deps;
  }

  state(): DrainState {
    const { gateway, live } = this.#deps;
    const isDraining = this.#running !== undefined;
    const connectionsLeft = isDraining ? gateway.connections.size : 0;
    return {
      isDraining,
      connectionsLeft,
      secondsLeft: Math.ceil(connectionsLeft / live.config.drain.connectionsPerSecond),
    };
  }

  /**
   * Refuses new clients, tells the connected clients, and moves all connections. Resolves when none is left. A second
   * call returns the promise of the first one.
   */
  start(deadlineMs: number): Promise<void> {
    return (this.#running ??= this.#run(deadlineMs));
  }

  /** Closes all remaining connections at once. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** Moves some connections; the gateway goes on serving the others. Resolves to the number of moved connections. */
  async shed({ wanted, deadlineMs, sparesReturned = false }: Shed): Promise<number> {
    const { gateway, nowMs } = this.#deps;
    if (this.#running !== undefined) return 0;
    const free = [...gateway.connections.values()].filter((connection) => !this.#shedding.has(connection));
    return this.#moveSome(connectionsToShed(free, wanted, { nowMs: nowMs(), sparesReturned }), "SHED", deadlineMs);
  }

  /**
   * Moves connections that have reached their maximum age. Resolves to false if a drain has begun, because it moves all
   * connections.
   */
  async moveAged(connections: readonly Connection[]): Promise<boolean> {
    if (this.#running === undefined) await this.#moveSome(connections, "AGED", Infinity);
    return this.#running === undefined;
  }

  async #moveSome(connections: readonly Connection[], reason: "SHED" | "AGED", deadlineMs: number): Promise<number> {
    for (const connection of connections) this.#shedding.add(connection);
    try {
      const { connectionsLeft } = await this.#deps.ledger.announceDrain(connections.length);
      // Moves by age come one by one and go on for hours, so they do not wait for clients.
      const ownMovesUntilMs =
        reason === "SHED" ? this.#tell(connections, this.#timeToMove(connectionsLeft, deadlineMs)) : 0;
      return await this.#move({ connections, reason, deadlineMs, signal: this.#endOfSheds.signal, ownMovesUntilMs });
    } finally {
      for (const connection of connections) this.#shedding.delete(connection);
    }
  }

  async #run(deadlineMs: number): Promise<void> {
    const { gateway, logger } = this.#deps;
    gateway.refuseNewcomers();
    this.#endOfSheds.abort();
    // A connection that is in no namespace loses nothing by a close, and can no longer enter a namespace.
    for (const connection of gateway.connections.values()) if (!isServed(connection)) connection.close("DRAINED");
    await this.#delay(deadlineMs);
    const connections = [...gateway.connections.values()].filter(isServed);
    const connectionsLeft = await this.#allConnectionsLeft(connections.length, deadlineMs);
    const reconnectWithinMs = this.#timeToMove(connectionsLeft, deadlineMs);
    logger.info({ connections: connections.length, reconnectWithinMs }, "drain started");
    const ownMovesUntilMs = this.#tell(connections, reconnectWithinMs);
    await this.#move({ connections, reason: "DRAINED", deadlineMs, signal: this.#hurry.signal, ownMovesUntilMs });
    // Close the remaining connections: the deadline has passed, or `hurry` was called.
    for (const connection of gateway.connections.values()) connection.close("DRAINED");
    await this.#linger();
    logger.info({ left: gateway.connections.size }, "drain ended");
  }

  /**
   * Waits, so that other gateways that stop at the same time have begun their drains too. Otherwise moved clients could
   * connect to one of them.
   */
  async #delay(deadlineMs: number): Promise<void> {
    const { delayMs = 0, nowMs, wait } = this.#deps;
    if (delayMs > 0) await wait(Math.min(delayMs, Math.max(0, deadlineMs - nowMs())), this.#hurry.signal);
  }

  /** Announces these connections. Resolves to the number of connections that all draining gateways have to move. */
  async #allConnectionsLeft(connections: number, deadlineMs: number): Promise<number> {
    const { ledger, nowMs, wait } = this.#deps;
    await ledger.announceDrain(connections);
    await wait(Math.min(ANNOUNCED_AFTER_MS, Math.max(0, deadlineMs - nowMs())), this.#hurry.signal);
    return (await ledger.announceDrain(0)).connectionsLeft;
  }

  /** The time that all draining gateways together need at the shared rate, but not longer than until the deadline. */
  #timeToMove(connectionsLeft: number, deadlineMs: number): number {
    const { live, nowMs } = this.#deps;
    const neededMs = Math.ceil((connectionsLeft / live.config.drain.connectionsPerSecond) * 1000);
    return Math.max(0, Math.min(neededMs, deadlineMs - nowMs()));
  }

  /** Tells the clients. Returns the time until which clients that move by themselves may need. */
  #tell(connections: readonly Connection[], reconnectWithinMs: number): number {
    for (const { sockets } of connections) {
      for (const socket of sockets) socket.emit("server:draining", { reconnectWithinMs });
    }
    return this.#deps.nowMs() + reconnectWithinMs + OWN_MOVE_MS;
  }

  /**
   * Waits until queued packets are sent and sockets are closed. Then terminates the connections of clients that do not
   * read.
   */
  async #linger(): Promise<void> {
    const { gateway, nowMs, wait } = this.#deps;
    const untilMs = nowMs() + LINGER_MS;
    while (gateway.connections.size > 0 && nowMs() < untilMs) await wait(50, AbortSignal.timeout(LINGER_MS));
    for (const connection of gateway.connections.values()) connection.close("SLOW_CLIENT");
  }

  /**
   * Moves connections at the drain rate, until the deadline or until the signal aborts. Resolves to the number of moved
   * connections.
   */
  async #move(move: Move): Promise<number> {
    const { connections, reason, deadlineMs, signal, ownMovesUntilMs } = move;
    const { ledger, nowMs, wait } = this.#deps;
    const ownMovers = new Set(connections.filter(({ movesItself }) => movesItself));
    let moved = 0;
    let taken = 0;
    let left = connections;
    // Clients that disconnect on their own use drain tokens too, because they reconnect to other gateways and add to
    // the same load.
    let owed = 0;
    for (;;) {
      const gone = left.filter((connection) => !this.#isHere(connection));
      owed += gone.length;
      moved += this.#countMovedByThemselves(gone, reason);
      left = byRequests(left.filter((connection) => this.#isHere(connection)));
      if (left.length === 0 || nowMs() >= deadlineMs || signal.aborted) break;
      const closable = nowMs() < ownMovesUntilMs ? left.filter((one) => !ownMovers.has(one)) : left;
      const wanted = owed + closable.length;
      if (wanted === 0) {
        await wait(Math.min(OWN_MOVE_POLL_MS, deadlineMs - nowMs()), signal);
        continue;
      }
      const { granted, nextAfterMs } = await ledger.takeDrainTokens(Math.min(MOST_AT_ONCE, wanted));
      taken += granted;
      const paid = Math.min(owed, granted);
      owed -= paid;
      const closed = new Set(closable.slice(0, granted - paid));
      for (const connection of closed) this.#close(connection, reason);
      moved += closed.size;
      left = left.filter((connection) => !closed.has(connection));
      if (granted === 0 || wanted > granted)
        await wait(Math.min(Math.max(nextAfterMs, 5), Math.max(0, deadlineMs - nowMs())), signal);
    }
    await ledger.announceDrain(taken - connections.length);
    return moved;
  }

  #isHere(connection: Connection): boolean {
    return this.#deps.gateway.connections.has(connection.engine.id) && !connection.isClosing;
  }

  #close(connection: Connection, reason: Move["reason"]): void {
    connection.close(reason);
    this.#deps.metrics.drained.inc({ cause: causes[reason] });
  }

  /** Counts the clients that have taken their session to another connection. Returns how many there are. */
  #countMovedByThemselves(gone: readonly Connection[], reason: Move["reason"]): number {
    const count = gone.filter(({ closeReason }) => closeReason === "TAKEN_OVER").length;
    if (count > 0) this.#deps.metrics.drained.inc({ cause: causes[reason] }, count);
    return count;
  }
}

/** Clients that wait for a handler come last: most of them get their answer before they move. */
function byRequests(connections: readonly Connection[]): readonly Connection[] {
  if (connections.every(({ handlerRequests }) => handlerRequests === 0)) return connections;
  const idle = connections.filter(({ handlerRequests }) => handlerRequests === 0);
  return [...idle, ...connections.filter(({ handlerRequests }) => handlerRequests > 0)];
}

const isServed = ({ sockets }: Connection): boolean => sockets.size > 0;
