import type { Connection } from "../connections/connection.ts";
import type { GatewayDeps } from "../deps.ts";
import { connectionsToShed } from "./connections-to-shed.ts";
import { announceMove, PacedMove, type Move, type PacedMoveDeps } from "./paced-move.ts";

/** What a drain needs of its gateway. */
export interface DrainedGateway {
  connections: ReadonlyMap<string, Connection>;
  refuseNewcomers(): void;
}

export interface DrainDeps extends PacedMoveDeps, Pick<GatewayDeps, "live" | "logger"> {
  gateway: DrainedGateway;
  /** For this long after its start, the drain moves no connection. */
  delayMs?: number;
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

const LINGER_MS = 2_000;
/** For how long a client that moves by itself may keep its connection. It is enough for a second attempt. */
const OWN_MOVE_MS = 5_000;
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
      if (reason === "SHED") this.#announce(connections, this.#timeToMove(connectionsLeft, deadlineMs));
      // Moves by age come one by one and go on for hours, so they do not wait for clients.
      const ownMoveMs = reason === "SHED" ? OWN_MOVE_MS : 0;
      const signal = this.#endOfSheds.signal;
      return await new PacedMove(this.#deps, { connections, reason, deadlineMs, signal, ownMoveMs }).run();
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
    this.#announce(connections, reconnectWithinMs);
    const signal = this.#hurry.signal;
    const move: Move = { connections, reason: "DRAINED", deadlineMs, signal, ownMoveMs: OWN_MOVE_MS };
    await new PacedMove(this.#deps, move).run();
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

  /** Tells the clients. Clients that move by themselves are told later, each when there is a drain token for it. */
  #announce(connections: readonly Connection[], reconnectWithinMs: number): void {
    for (const connection of connections) if (!connection.movesItself) announceMove(connection, reconnectWithinMs);
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
}

const isServed = ({ sockets }: Connection): boolean => sockets.size > 0;
