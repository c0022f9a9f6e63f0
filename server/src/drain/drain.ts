import type { Gateway } from "../gateway.ts";
import type { Connection } from "../connections/connection.ts";
import type { DrainBudget } from "../ledger/ledger.ts";
import type { LiveState } from "../live-config/live-state.ts";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";

export interface DrainParts {
  gateway: Gateway;
  ledger: DrainBudget;
  live: LiveState;
  metrics: Metrics;
  logger: Logger;
  nowMs: () => number;
  /** Resolves after the time, or early when `signal` aborts. */
  wait: (afterMs: number, signal: AbortSignal) => Promise<void>;
}

export interface DrainState {
  isDraining: boolean;
  connectionsLeft: number;
  /** At the rate in force, if this node had all of it. */
  secondsLeft: number;
}

const MOST_AT_ONCE = 20;
const LINGER_MS = 2_000;
/** Pods of one node are asked to stop in the same moment: before clients are told of a time, all have said what they have to move. */
const ANNOUNCED_AFTER_MS = 250;

/**
 * Moves connections elsewhere at the rate that all draining nodes share. The engine connection is closed, which makes stock
 * clients come back; their own backoff spreads nothing, so the eviction is what is spread.
 */
export class Drain {
  readonly #parts: DrainParts;
  readonly #hurry = new AbortController();
  /** Sheds give way to the drain, which moves everybody. */
  readonly #endOfSheds = new AbortController();
  readonly #shedding = new Set<Connection>();
  #running: Promise<void> | undefined;

  constructor(parts: DrainParts) {
    this.#parts = parts;
  }

  state(): DrainState {
    const { gateway, live } = this.#parts;
    const isDraining = this.#running !== undefined;
    const connectionsLeft = isDraining ? gateway.connections.size : 0;
    return {
      isDraining,
      connectionsLeft,
      secondsLeft: Math.ceil(connectionsLeft / live.config.drain.connectionsPerSecond),
    };
  }

  /** Refuses newcomers, tells clients, moves everybody. Settles when nobody is left; asked again, it is the same drain. */
  start(deadlineMs: number): Promise<void> {
    return (this.#running ??= this.#run(deadlineMs));
  }

  /** Closes what is left at once. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** Moves some connections while the node goes on serving: the newest, which lose least. Answers how many were moved. */
  async shed(wanted: number, deadlineMs: number): Promise<number> {
    const { gateway, ledger } = this.#parts;
    if (this.#running !== undefined) return 0;
    const isFree = (connection: Connection): boolean =>
      isServed(connection) && !connection.isClosing && !this.#shedding.has(connection);
    const chosen = [...gateway.connections.values()].filter(isFree).slice(-wanted).reverse();
    for (const connection of chosen) this.#shedding.add(connection);
    try {
      await ledger.announceDrain(chosen.length);
      return await this.#move(chosen, deadlineMs, this.#endOfSheds.signal);
    } finally {
      for (const connection of chosen) this.#shedding.delete(connection);
    }
  }

  async #run(deadlineMs: number): Promise<void> {
    const { gateway, logger } = this.#parts;
    gateway.refuseNewcomers();
    this.#endOfSheds.abort();
    // Those who have entered no namespace have nothing to lose, and are let into none any more.
    for (const connection of gateway.connections.values()) if (!isServed(connection)) connection.close();
    const chosen = [...gateway.connections.values()].filter(isServed);
    const reconnectWithinMs = await this.#timeToMove(chosen.length, deadlineMs);
    logger.info({ connections: chosen.length, reconnectWithinMs }, "drain begins");
    for (const { sockets } of chosen) {
      for (const socket of sockets) socket.emit("server:draining", { reconnectWithinMs });
    }
    await this.#move(chosen, deadlineMs, this.#hurry.signal);
    // Out of time, or hurried.
    for (const connection of gateway.connections.values()) connection.close();
    await this.#linger();
    logger.info({ left: gateway.connections.size }, "drain ends");
  }

  /** What this and all other draining nodes have to move, at the rate they share; no longer than this node has time. */
  async #timeToMove(connections: number, deadlineMs: number): Promise<number> {
    const { ledger, live, nowMs, wait } = this.#parts;
    await ledger.announceDrain(connections);
    await wait(Math.min(ANNOUNCED_AFTER_MS, Math.max(0, deadlineMs - nowMs())), this.#hurry.signal);
    const { connectionsLeft } = await ledger.announceDrain(0);
    return Math.max(
      0,
      Math.min(Math.ceil((connectionsLeft / live.config.drain.connectionsPerSecond) * 1000), deadlineMs - nowMs()),
    );
  }

  /** What was queued for a client is sent before its wire closes; who does not take it in time is cut. */
  async #linger(): Promise<void> {
    const { gateway, nowMs, wait } = this.#parts;
    const untilMs = nowMs() + LINGER_MS;
    while (gateway.connections.size > 0 && nowMs() < untilMs) await wait(50, AbortSignal.timeout(LINGER_MS));
    for (const connection of gateway.connections.values()) connection.cut();
  }

  /** Moves those that were announced, at the rate, until the deadline or the signal; answers how many it got to. */
  async #move(chosen: readonly Connection[], deadlineMs: number, signal: AbortSignal): Promise<number> {
    const { gateway, ledger, metrics, nowMs, wait } = this.#parts;
    let moved = 0;
    let taken = 0;
    let left = chosen;
    // Tokens due for those who left by themselves: who was told to come back elsewhere does so on top of who is moved.
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
        connection.close();
        metrics.drained.inc();
        moved += 1;
      }
      left = left.slice(granted - paid);
      if (granted === 0 || wanted > granted)
        await wait(Math.min(Math.max(nextAfterMs, 5), Math.max(0, deadlineMs - nowMs())), signal);
    }
    await ledger.announceDrain(taken - chosen.length);
    return moved;
  }
}

const isServed = ({ sockets }: Connection): boolean => sockets.size > 0;
