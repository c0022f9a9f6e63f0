import type { Connection } from "../connections/connection.ts";
import type { GatewayDeps } from "../deps.ts";
import type { DrainBudget } from "../ledger/ledger.ts";
import { connectionsToShed } from "./connections-to-shed.ts";

/** What a drain needs from its gateway. */
export interface DrainedGateway {
  connections: ReadonlyMap<string, Connection>;
  refuseNewcomers(): void;
}

export interface DrainDeps extends Pick<GatewayDeps, "live" | "metrics" | "logger" | "nowMs"> {
  ledger: DrainBudget;
  gateway: DrainedGateway;
  /** A drain moves nobody in this time. */
  delayMs?: number;
  /** Resolves after the time, or early when `signal` aborts. */
  wait: (afterMs: number, signal: AbortSignal) => Promise<void>;
}

export interface DrainState {
  isDraining: boolean;
  connectionsLeft: number;
  /** Seconds that the drain would still take if this node alone used the whole drain rate. */
  secondsLeft: number;
}

export interface Shed {
  /** Number of connections. */
  wanted: number;
  deadlineMs: number;
  /** Whether clients that came back in the last ten minutes stay here. */
  sparesReturned?: boolean;
}

/** The connections to move, and the deadline. */
interface Move {
  connections: readonly Connection[];
  reason: keyof typeof causes;
  deadlineMs: number;
  signal: AbortSignal;
}

/** The label of `realtime_drained_connections_total` for each close reason. */
const causes = { DRAINED: "drain", SHED: "rebalance", AGED: "age" } as const;
const MOST_AT_ONCE = 20;
const LINGER_MS = 2_000;
/** A node drain stops all its pods at once: wait until every pod has announced its count before computing the time. */
const ANNOUNCED_AFTER_MS = 250;

/**
 * Moves connections to other gateways at the rate that all draining nodes share. Stock clients reconnect after a close;
 * their backoff does not spread them, so the drain spreads the closes.
 */
export class Drain {
  readonly #deps: DrainDeps;
  readonly #hurry = new AbortController();
  /** A drain moves every connection, so sheds end when it begins. */
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
   * Refuses newcomers, informs clients and moves all connections. Resolves when none is left; a second call joins the
   * first.
   */
  start(deadlineMs: number): Promise<void> {
    return (this.#running ??= this.#run(deadlineMs));
  }

  /** Closes all remaining connections at once. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** Moves some connections while the node stays in service. Resolves to how many it moved. */
  async shed({ wanted, deadlineMs, sparesReturned = false }: Shed): Promise<number> {
    const { gateway, nowMs } = this.#deps;
    if (this.#running !== undefined) return 0;
    const free = [...gateway.connections.values()].filter((connection) => !this.#shedding.has(connection));
    return this.#moveSome(connectionsToShed(free, wanted, { nowMs: nowMs(), sparesReturned }), "SHED", deadlineMs);
  }

  /** Moves connections that have reached their maximum age. Resolves to false when a drain moves all connections. */
  async moveAged(connections: readonly Connection[]): Promise<boolean> {
    if (this.#running === undefined) await this.#moveSome(connections, "AGED", Infinity);
    return this.#running === undefined;
  }

  async #moveSome(connections: readonly Connection[], reason: "SHED" | "AGED", deadlineMs: number): Promise<number> {
    for (const connection of connections) this.#shedding.add(connection);
    try {
      await this.#deps.ledger.announceDrain(connections.length);
      return await this.#move({ connections, reason, deadlineMs, signal: this.#endOfSheds.signal });
    } finally {
      for (const connection of connections) this.#shedding.delete(connection);
    }
  }

  async #run(deadlineMs: number): Promise<void> {
    const { gateway, logger } = this.#deps;
    gateway.refuseNewcomers();
    this.#endOfSheds.abort();
    // Connections in no namespace lose nothing by a close and cannot enter a namespace any more.
    for (const connection of gateway.connections.values()) if (!isServed(connection)) connection.close("DRAINED");
    await this.#delay(deadlineMs);
    const connections = [...gateway.connections.values()].filter(isServed);
    const reconnectWithinMs = await this.#timeToMove(connections.length, deadlineMs);
    logger.info({ connections: connections.length, reconnectWithinMs }, "drain started");
    for (const { sockets } of connections) {
      for (const socket of sockets) socket.emit("server:draining", { reconnectWithinMs });
    }
    await this.#move({ connections, reason: "DRAINED", deadlineMs, signal: this.#hurry.signal });
    // Close the rest: the deadline has passed, or the stop was hurried.
    for (const connection of gateway.connections.values()) connection.close("DRAINED");
    await this.#linger();
    logger.info({ left: gateway.connections.size }, "drain ended");
  }

  /** Waits until the other gateways that stop have begun their drains too, so that none of them gets a client. */
  async #delay(deadlineMs: number): Promise<void> {
    const { delayMs = 0, nowMs, wait } = this.#deps;
    if (delayMs > 0) await wait(Math.min(delayMs, Math.max(0, deadlineMs - nowMs())), this.#hurry.signal);
  }

  /** The time that all draining nodes together need at the shared rate, but at most the time until the deadline. */
  async #timeToMove(connections: number, deadlineMs: number): Promise<number> {
    const { ledger, live, nowMs, wait } = this.#deps;
    await ledger.announceDrain(connections);
    await wait(Math.min(ANNOUNCED_AFTER_MS, Math.max(0, deadlineMs - nowMs())), this.#hurry.signal);
    const { connectionsLeft } = await ledger.announceDrain(0);
    const neededMs = Math.ceil((connectionsLeft / live.config.drain.connectionsPerSecond) * 1000);
    return Math.max(0, Math.min(neededMs, deadlineMs - nowMs()));
  }

  /** Waits until queued packets are sent and sockets close; then terminates clients that do not read. */
  async #linger(): Promise<void> {
    const { gateway, nowMs, wait } = this.#deps;
    const untilMs = nowMs() + LINGER_MS;
    while (gateway.connections.size > 0 && nowMs() < untilMs) await wait(50, AbortSignal.timeout(LINGER_MS));
    for (const connection of gateway.connections.values()) connection.close("SLOW_CLIENT");
  }

  /** Moves announced connections at the rate, until the deadline or the signal. Resolves to how many it moved. */
  async #move({ connections, reason, deadlineMs, signal }: Move): Promise<number> {
    const { gateway, ledger, metrics, nowMs, wait } = this.#deps;
    let moved = 0;
    let taken = 0;
    let left = connections;
    // Clients that leave on their own also consume drain tokens: they reconnect elsewhere and add to the same load.
    let owed = 0;
    for (;;) {
      const here = left.filter((connection) => gateway.connections.has(connection.engine.id) && !connection.isClosing);
      owed += left.length - here.length;
      left = here;
      if (left.length === 0 || nowMs() >= deadlineMs || signal.aborted) break;
      const wanted = owed + left.length;
      const { granted, nextAfterMs } = await ledger.takeDrainTokens(Math.min(MOST_AT_ONCE, wanted));
      taken += granted;
      const paid = Math.min(owed, granted);
      owed -= paid;
      for (const connection of left.slice(0, granted - paid)) {
        connection.close(reason);
        metrics.drained.inc({ cause: causes[reason] });
        moved += 1;
      }
      left = left.slice(granted - paid);
      if (granted === 0 || wanted > granted)
        await wait(Math.min(Math.max(nextAfterMs, 5), Math.max(0, deadlineMs - nowMs())), signal);
    }
    await ledger.announceDrain(taken - connections.length);
    return moved;
  }
}

const isServed = ({ sockets }: Connection): boolean => sockets.size > 0;
