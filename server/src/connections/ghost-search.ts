import type { Connection } from "./connection.ts";
import type { GatewayMessages } from "./gateway-messages.ts";

/** A connection counts as dead when its client does not answer a ping within this time. */
const ANSWER_WITHIN_MS = 5_000;
const OPEN = 1;

export interface GhostSearchDeps {
  connections: ReadonlyMap<string, Connection>;
  isDraining: () => boolean;
  messages: GatewayMessages;
  newId: () => string;
  setTimer: (run: () => void, afterMs: number) => { unref(): void };
}

/** Asks every gateway to probe a user's connections, and reports how many answered. */
const PROBE_USER = "probe_user";
const USER_ANSWERS = "user_answers";

/**
 * Finds connections whose client vanished without closing: a phone lost its network, a laptop sleeps. They hold seats
 * until engine.io's ping times out. Runs only when a user would be refused because of them.
 */
export class GhostSearch {
  readonly #deps: GhostSearchDeps;
  readonly #searches = new Map<string, (gateway: string, alive: number) => void>();
  readonly #probes = new Map<Connection, Promise<boolean>>();

  constructor(deps: GhostSearchDeps) {
    this.#deps = deps;
    const { messages, newId } = deps;
    const ownId = newId();
    messages.on(PROBE_USER, (userId, searchId) => {
      if (typeof userId !== "string") return;
      void this.#probeHere(userId).then((alive) => {
        if (alive > 0) messages.send(USER_ANSWERS, searchId, ownId, alive);
      });
    });
    messages.on(USER_ANSWERS, (searchId, gateway, alive) => {
      if (typeof gateway === "string" && typeof alive === "number")
        this.#searches.get(String(searchId))?.(gateway, alive);
    });
  }

  /**
   * On every gateway, closes a user's connections that do not answer, and all of them on draining gateways. `onAlive`
   * gets the number that answered so far. Returns a function that stops listening.
   */
  search(userId: string, onAlive: (alive: number) => void): () => void {
    const { messages, newId } = this.#deps;
    const searchId = newId();
    const byGateway = new Map<string, number>();
    const heard = (gateway: string, alive: number): void => {
      byGateway.set(gateway, alive);
      onAlive([...byGateway.values()].reduce((sum, count) => sum + count, 0));
    };
    this.#searches.set(searchId, heard);
    messages.send(PROBE_USER, userId, searchId);
    void this.#probeHere(userId).then((alive) => heard("here", alive));
    return () => void this.#searches.delete(searchId);
  }

  async #probeHere(userId: string): Promise<number> {
    const { connections, isDraining } = this.#deps;
    const seats = [...connections.values()].filter(({ seat }) => seat?.userId === userId);
    // The drain told this client to reconnect to another gateway.
    if (isDraining()) for (const connection of seats) connection.close("DRAINED");
    const answers = await Promise.all(seats.map((connection) => this.#answers(connection)));
    return answers.filter(Boolean).length;
  }

  #answers(connection: Connection): Promise<boolean> {
    if (connection.isClosing) return Promise.resolve(false);
    let probe = this.#probes.get(connection);
    if (probe === undefined) {
      probe = this.#probe(connection).finally(() => this.#probes.delete(connection));
      this.#probes.set(connection, probe);
    }
    return probe;
  }

  async #probe(connection: Connection): Promise<boolean> {
    const webSocket = connection.engine.transport.socket;
    // A polling connection cannot be pinged. The answer of a held connection would not be read.
    if (webSocket === undefined || connection.isHeld) return true;
    if (webSocket.readyState !== OPEN) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    webSocket.once("pong", () => resolve(true));
    webSocket.once("close", () => resolve(false));
    this.#deps.setTimer(() => resolve(false), ANSWER_WITHIN_MS).unref();
    webSocket.ping();
    const isAlive = await promise;
    if (!isAlive) connection.close("GHOST");
    return isAlive;
  }
}
