import type { Socket } from "socket.io";
import { unsupported, type EngineSocket } from "../../internals/engine-io.ts";
import { engineSocketOf } from "../../internals/socket-io.ts";
import { Outlet, type OnQueue } from "./outlet.ts";
import { Turn } from "./turn.ts";

/**
 * The outlets of a server's connections. All namespaces of a connection share its outlet, which keeps its frames in
 * order.
 */
export class Outlets {
  readonly turn = new Turn();
  /** Called for a connection that can have queued bytes at the end of a turn of the event loop. */
  readonly onQueue: OnQueue;
  // Store the outlet on the connection object and not in a WeakMap: the garbage collector visits every entry of a
  // WeakMap at every run.
  readonly #key = Symbol("outlet");

  constructor(onQueue: OnQueue = () => undefined) {
    this.onQueue = onQueue;
  }

  /**
   * The outlet of the socket's connection. Undefined while the fast path of the fan-out does not support the
   * connection.
   */
  of(socket: Socket): Outlet | undefined {
    const connection = engineSocketOf(socket) as EngineSocket & Partial<Record<symbol, Outlet>>;
    const known = connection[this.#key];
    if (known !== undefined) return known;
    if (unsupported(connection) !== undefined) return undefined;
    const outlet = new Outlet(connection, this.turn, this.onQueue);
    connection[this.#key] = outlet;
    return outlet;
  }
}
