import type { Namespace, Socket } from "socket.io";
import { fanoutOf, offsetTextOf } from "../broadcast/gateway-adapter.ts";
import type { ClientSession } from "../recovery/client-session.ts";
import type { Arrival } from "../recovery/returning/returning-client.ts";
import { namespaceInside, publicSocket, SocketClass } from "../internals/socket-io.ts";

/** Decides who may enter. Calls `next` at most once, with an error (the client gets its `data`) or without one. */
export type EntryGuard = (socket: Socket, next: (error?: Error & { data?: unknown }) => void) => void;

/** Called after a guard has admitted a client. */
export interface EntryHooks {
  /** Decides how the client enters. Called in the turn in which it enters. */
  arrive?: (socket: Socket) => Arrival | undefined;
  /** Called when the client disconnected before it could enter. */
  gone?: (socket: Socket) => void;
}

const arrivals = new WeakMap<object, Arrival>();
const sessions = new WeakMap<object, ClientSession>();

/** How a socket enters; undefined when recovery is off. Only for the first caller: the missed messages need memory. */
export function takeArrival(socket: Socket): Arrival | undefined {
  const arrival = arrivals.get(socket);
  arrivals.delete(socket);
  return arrival;
}

/** The session of a socket; undefined when recovery is off. */
export function clientSessionOf(socket: Socket): ClientSession | undefined {
  return sessions.get(socket);
}

/**
 * A socket that keeps only the part of the handshake that guards need, because formatting the handshake's date costs a
 * microsecond. The answer to CONNECT is encoded here, and skips Socket.IO's encoder and engine.io's queue.
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

  /** The client reads the last argument of every event as its offset. */
  override emit(event: string, ...args: unknown[]): boolean {
    const offset = offsetTextOf(this.nsp);
    return offset === undefined ? super.emit(event, ...args) : super.emit(event, ...args, offset);
  }
}

/**
 * Makes the namespace use quick sockets. The guard replaces Socket.IO's middlewares, which are no longer called. Needs
 * a `gatewayAdapter` as adapter and connection state recovery off.
 */
export function useQuickSockets(namespace: Namespace, guard: EntryGuard, entry: EntryHooks = {}): void {
  const inside = namespaceInside(namespace);
  inside._add = (client, auth, done) => {
    client.decoder.entered ??= client.nsps;
    // Do not add the socket to Socket.IO's list of waiting sockets: a socket that gets no answer would stay there
    // forever.
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
        // A recovered client keeps its socket id, because the other members know it by this id.
        if (arrival?.isRecovered === true) socket.id = arrival.session.socketId;
        return inside._doConnect(socket, done);
      }
      socket._cleanup();
      socket._error({ message: error.message, data: error.data });
    };
    // Answer when the event loop has handled this packet. If the client's next packet is a second CONNECT, and the
    // client were in the namespace already, Socket.IO would close the connection.
    guard(publicSocket(socket), (error) => process.nextTick(answer, error));
  };
}
