import type { Connection } from "../connections/connection.ts";
import type { LiveConfig } from "../live-config/live-config.ts";
import type { Logger } from "../observability/logger.ts";
import type { Drain } from "./drain.ts";

export interface AgedConnectionsDeps {
  connections: ReadonlyMap<string, Connection>;
  live: { config: LiveConfig; onChange: (listener: (config: LiveConfig) => void) => void };
  /** Returns a random number from 0 to 1. */
  random: () => number;
  nowMs: () => number;
  logger: Logger;
}

/**
 * The maximum age of each connection differs from the configured one by a random part up to this one. So connections
 * that were opened at the same time are not moved at the same time.
 */
const JITTER = 0.1;
/**
 * Number of connections in one move. It is small, because only a move that has begun continues after a change of the
 * configuration.
 */
const MOST_AT_ONCE = 20;
/** After a failure, the connections of the move are due again after this time. */
const AGAIN_AFTER_MS = 60_000;

/**
 * Gives each connection a time at which it reaches its maximum age, and moves it to another gateway then. All moves of
 * the cluster share one rate.
 */
export class AgedConnections {
  readonly #deps: AgedConnectionsDeps;
  readonly #covered = new Set<Connection>();
  readonly #others = new Set<Connection>();
  #drain: Pick<Drain, "moveAged"> | undefined;
  #isMoving = false;
  #maxAgeSeconds: number;

  constructor(deps: AgedConnectionsDeps) {
    this.#deps = deps;
    this.#maxAgeSeconds = deps.live.config.maxConnectionAgeSeconds;
    deps.live.onChange(({ maxConnectionAgeSeconds }) => this.#follow(maxConnectionAgeSeconds));
  }

  /** Sets the drain that moves connections. Before this call, no connection is moved. */
  moveWith(drain: Pick<Drain, "moveAged">): void {
    this.#drain = drain;
  }

  /** Sets the time at which the connection reaches its maximum age. Must be called when it has got its seat. */
  schedule(connection: Connection): void {
    const { seatedAtMs } = connection;
    const ageMs = this.#maxAgeSeconds * 1_000;
    const factor = 1 + JITTER * (2 * this.#deps.random() - 1);
    connection.agedAtMs = ageMs === 0 || seatedAtMs === undefined ? undefined : seatedAtMs + ageMs * factor;
  }

  /** Moves a connection that has reached its maximum age. Clients for which recovery is on are moved first. */
  add(connection: Connection): void {
    (connection.isRecoverable ? this.#covered : this.#others).add(connection);
    if (!this.#isMoving) void this.#move();
  }

  #follow(maxAgeSeconds: number): void {
    if (maxAgeSeconds === this.#maxAgeSeconds) return;
    this.#maxAgeSeconds = maxAgeSeconds;
    this.#covered.clear();
    this.#others.clear();
    for (const connection of this.#deps.connections.values()) this.schedule(connection);
  }

  async #move(): Promise<void> {
    this.#isMoving = true;
    let batch: Connection[] = [];
    try {
      for (batch = this.#take(); batch.length > 0; batch = this.#take()) {
        if ((await this.#drain?.moveAged(batch)) !== true) return;
      }
    } catch (error) {
      const { connections, logger, nowMs } = this.#deps;
      logger.error({ err: error }, "moving old connections failed");
      const open = batch.filter((connection) => connections.get(connection.engine.id) === connection);
      for (const connection of open) connection.agedAtMs = nowMs() + AGAIN_AFTER_MS;
    } finally {
      this.#isMoving = false;
    }
  }

  #take(): Connection[] {
    const from = this.#covered.size > 0 ? this.#covered : this.#others;
    const batch: Connection[] = [];
    for (const connection of from) {
      if (batch.length === MOST_AT_ONCE) break;
      from.delete(connection);
      batch.push(connection);
    }
    return batch;
  }
}
