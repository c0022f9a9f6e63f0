import type { Connection } from "./connection.ts";
import type { GatewayMessages } from "./gateway-messages.ts";

/** A connection counts as dead if its client does not answer a ping within this time. */
const ANSWER_WITHIN_MS = 5_000;
const OPEN = 1;

export interface GhostSearchDeps {
  connections: ReadonlyMap<string, Connection>;
  isDraining: () => boolean;
  messages: GatewayMessages;
  newId: () => string;
  setTimer: (run: () => void, afterMs: number) => { unref(): void };
}

/**
 * Names of messages between gateways. `probe_user` asks every gateway to ping a user's connections. `user_answers`
 * reports how many of them answered.
 */
const PROBE_USER = "probe_user";
const USER_ANSWERS = "user_answers";

/**
 * Finds connections whose client disappeared without closing, for example a phone without network or a sleeping laptop.
 * Until engine.io's ping times out, they keep their seats. The search runs only when a user would be refused because of
 * these seats.
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
   * Asks all gateways to check a user's connections. Each gateway closes those that do not answer a ping; a draining
   * gateway closes all of them. `onAlive` gets the number of connections, on all gateways together, that have answered
   * so far. Returns a function that ends the search.
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
    // The drain has told these clients to reconnect to another gateway, so the seats of their old connections can be
    // freed.
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
    const { engine } = connection;
    const webSocket = engine.transport.socket;
    // The gateway would not read the answer of a connection that is held, so the connection is not closed.
    if (connection.isHeld) return false;
    if (webSocket !== undefined && webSocket.readyState !== OPEN) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#deps.setTimer(() => resolve(false), ANSWER_WITHIN_MS).unref();
    const answered = (): void => resolve(true);
    const ended = (): void => resolve(false);
    if (webSocket === undefined) {
      engine.once("heartbeat", answered);
      engine.once("close", ended);
      engine.sendPacket("ping");
    } else {
      webSocket.once("pong", answered);
      webSocket.once("close", ended);
      webSocket.ping();
    }
    const isAlive = await promise;
    engine.off("heartbeat", answered);
    engine.off("close", ended);
    webSocket?.off("pong", answered);
    webSocket?.off("close", ended);
    if (!isAlive) connection.close("GHOST");
    return isAlive;
  }
}
