import type { Gateway } from "../gateway/gateway.ts";
import type { Connection } from "../gateway/connection.ts";
import type { Ledger } from "../limits/ledger.ts";
import type { LiveState } from "../live-config/live-state.ts";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";

export interface DrainParts {
  gateway: Gateway;
  ledger: Ledger;
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

/**
 * Moves connections elsewhere at the rate that all draining nodes share. The engine connection is closed, which makes stock
 * clients come back; their own backoff spreads nothing, so the eviction is what is spread.
 */
export class Drain {
  readonly #parts: DrainParts;
  readonly #hurry = new AbortController();
  #running: Promise<void> | undefined;

  constructor(parts: DrainParts) {
    this.#parts = parts;
  }

  state(): DrainState {
    const { gateway, live } = this.#parts;
    const isDraining = this.#running !== undefined;
    const connectionsLeft = isDraining ? gateway.connections.size : 0;
    return { isDraining, connectionsLeft, secondsLeft: Math.ceil(connectionsLeft / live.config.drain.connectionsPerSecond) };
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
    const chosen = [...this.#parts.gateway.connections.values()].filter(({ sockets }) => sockets.size > 0).slice(-wanted).reverse();
    return this.#move(chosen, deadlineMs);
  }

  async #run(deadlineMs: number): Promise<void> {
    const { gateway, live, logger } = this.#parts;
    gateway.refuseNewcomers();
    const count = gateway.connections.size;
    const reconnectWithinMs = Math.ceil((count / live.config.drain.connectionsPerSecond) * 1000);
    logger.info({ connections: count, reconnectWithinMs }, "drain begins");
    for (const { sockets } of gateway.connections.values()) {
      for (const socket of sockets) socket.emit("server:draining", { reconnectWithinMs });
    }
    await this.#move([...gateway.connections.values()], deadlineMs);
    await this.#linger();
    logger.info({ left: gateway.connections.size }, "drain ends");
  }

  /** What was queued for a client is sent before its wire closes; who does not take it in time is cut. */
  async #linger(): Promise<void> {
    const { gateway, nowMs, wait } = this.#parts;
    const untilMs = nowMs() + LINGER_MS;
    while (gateway.connections.size > 0 && nowMs() < untilMs) await wait(50, AbortSignal.timeout(LINGER_MS));
    for (const connection of gateway.connections.values()) connection.cut();
  }

  async #move(chosen: readonly Connection[], deadlineMs: number): Promise<number> {
    const { gateway, ledger, metrics, nowMs, wait } = this.#parts;
    let moved = 0;
    let left = chosen;
    for (;;) {
      left = left.filter((connection) => gateway.connections.has(connection.engine.id) && !connection.isClosing);
      if (left.length === 0 || nowMs() >= deadlineMs || this.#hurry.signal.aborted) break;
      // Those who never entered a namespace have nothing to lose and cost no tokens.
      const { granted, nextAfterMs } = await ledger.takeDrainTokens(Math.min(MOST_AT_ONCE, left.length));
      for (const connection of left.slice(0, granted)) {
        connection.close();
        metrics.drained.inc();
        moved += 1;
      }
      if (granted === 0 || left.length > granted) await wait(Math.min(Math.max(nextAfterMs, 5), Math.max(0, deadlineMs - nowMs())), this.#hurry.signal);
    }
    for (const connection of left) {
      connection.close();
      moved += 1;
    }
    return moved;
  }
}
