import type { Socket } from "socket.io";
import { unsupported, type EngineSocket } from "../../internals/engine-io.ts";
import { engineSocketOf } from "../../internals/socket-io.ts";
import { Outlet } from "./outlet.ts";
import { Turn } from "./turn.ts";

/** The outlets of a server's connections. A connection has one for all its namespaces, or its order would be lost. */
export class Outlets {
  readonly turn = new Turn();
  // On the connection itself: each entry of a WeakMap is looked at by every garbage collection.
  readonly #key = Symbol("outlet");

  /** Undefined while the connection is one that the fast path must leave alone. */
  of(socket: Socket): Outlet | undefined {
    const connection = engineSocketOf(socket) as EngineSocket & Partial<Record<symbol, Outlet>>;
    const known = connection[this.#key];
    if (known !== undefined) return known;
    if (unsupported(connection) !== undefined) return undefined;
    const outlet = new Outlet(connection, this.turn);
    connection[this.#key] = outlet;
    return outlet;
  }
}
