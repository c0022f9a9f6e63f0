import type { Namespace, Socket } from "socket.io";
import { fanoutOf, offsetTextOf } from "../broadcast/gateway-adapter.ts";
import type { ClientSession } from "../recovery/client-session.ts";
import type { Arrival } from "../recovery/returning/returning-client.ts";
import { namespaceInside, publicSocket, SocketClass } from "../internals/socket-io.ts";

/**
 * Decides whether a client enters. It calls `next` at most once: with an error, whose `data` the client gets, or
 * without one.
 */
export type EntryGuard = (socket: Socket, next: (error?: Error & { data?: unknown }) => void) => void;

/** What to do when the guard has decided. */
export interface EntryHooks {
  /**
   * Decides with which session and rooms the client enters. Called directly before it enters, without a pause between
   * both.
   */
  arrive?: (socket: Socket) => Arrival | undefined;
  /** Called when the client disconnected before it had entered the namespace. */
  gone?: (socket: Socket) => void;
}

const arrivals = new WeakMap<object, Arrival>();
const sessions = new WeakMap<object, ClientSession>();

/**
 * Returns the session and the missed messages with which a socket enters. A second call returns undefined, because the
 * missed messages must not stay in memory. Undefined when recovery is off.
 */
export function takeArrival(socket: Socket): Arrival | undefined {
  const arrival = arrivals.get(socket);
  arrivals.delete(socket);
  return arrival;
}

/** The session of a socket. Undefined when recovery is off. */
export function clientSessionOf(socket: Socket): ClientSession | undefined {
  return sessions.get(socket);
}

/**
 * A socket that has only those parts of the handshake that the guards need: formatting the handshake's date costs a
 * microsecond. It encodes the answer to CONNECT itself and sends it through the fan-out. This skips Socket.IO's encoder
 * and engine.io's queue.
 */
class QuickSocket extends SocketClass {
  override buildHandshake(auth: object): object {
    return { auth, headers: this.request.headers };
  }

  override _onconnect(): void {
    const { id, nsp } = this;
    this.connected = true;
    void this.join(id);
    const head = nsp.name === "/" ? "0" : `0${nsp.name},`;
    const arrival = arrivals.get(this);
    const pid = arrival === undefined ? "" : `,"pid":"${arrival.session.pid}"`;
    fanoutOf(nsp).send(id, `${head}{"sid":"${id}"${pid}}`);
  }

  /** Adds the offset to the event. A client stores the last argument of every event as its offset. */
  override emit(event: string, ...args: unknown[]): boolean {
    const offset = offsetTextOf(this.nsp);
    return offset === undefined ? super.emit(event, ...args) : super.emit(event, ...args, offset);
  }
}

/**
 * Makes the namespace use quick sockets. `guard` replaces Socket.IO's middlewares, which are no longer called. The
 * namespace's adapter must be a `gatewayAdapter`, and Socket.IO's connection state recovery must be off.
 */
export function useQuickSockets(namespace: Namespace, guard: EntryGuard, entry: EntryHooks = {}): void {
  const inside = namespaceInside(namespace);
  inside._add = (client, auth, done) => {
    client.decoder.entered ??= client.nsps;
    // Socket.IO adds the socket to a list of waiting sockets here. We do not, because a socket that gets no answer
    // would stay in the list forever.
    const socket = new QuickSocket(namespace, client, auth);
    const answer = (error: (Error & { data?: unknown }) | undefined): void => {
      if (client.conn.readyState !== "open") {
        entry.gone?.(publicSocket(socket));
        return socket._cleanup();
      }
      if (error === undefined) {
        const arrival = entry.arrive?.(publicSocket(socket));
        if (arrival !== undefined) {
          arrivals.set(socket, arrival);
          sessions.set(socket, arrival.session);
        }
        // A recovered client keeps its socket id. The other members of its rooms know it by this id.
        if (arrival?.isRecovered === true) socket.id = arrival.session.socketId;
        return inside._doConnect(socket, done);
      }
      socket._cleanup();
      socket._error({ message: error.message, data: error.data });
    };
    // Answer after the event loop has handled all of the current packet. Otherwise a second CONNECT that comes directly
    // after it would find the client in the namespace, and Socket.IO would close the connection.
    guard(publicSocket(socket), (error) => process.nextTick(answer, error));
  };
}
