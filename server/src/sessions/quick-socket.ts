import type { Namespace, Socket } from "socket.io";
import { fanoutOf, offsetTextOf } from "../broadcast/gateway-adapter.ts";
import type { Arrival } from "../recovery/returning-client.ts";
import { namespaceInside, publicSocket, SocketClass } from "../internals/socket-io.ts";

/** Decides who may enter: calls `next` at most once, in the turn or later. An error's `data` goes to the client. */
export type EntryGuard = (socket: Socket, next: (error?: Error & { data?: unknown }) => void) => void;

/** What happens where a guard has let a client in. */
export interface EntryHooks {
  /** How it enters, decided in the turn in which it does. */
  arrive?: (socket: Socket) => Arrival | undefined;
  /** It has gone in the meantime. */
  gone?: (socket: Socket) => void;
}

const arrivals = new WeakMap<object, Arrival>();

/** How a socket has entered; undefined where recovery is off. */
export function arrivalOf(socket: Socket): Arrival | undefined {
  return arrivals.get(socket);
}

/**
 * A socket whose handshake record holds only what guards read (a date as text costs a microsecond). Its answer to
 * CONNECT is encoded here, so it passes neither Socket.IO's encoder nor engine.io's queue.
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

  /** The client reads the last argument of each event as its offset. */
  override emit(event: string, ...args: unknown[]): boolean {
    const offset = offsetTextOf(this.nsp);
    return offset === undefined ? super.emit(event, ...args) : super.emit(event, ...args, offset);
  }
}

/**
 * From now on the namespace's sockets are quick ones, and enter at the end of the turn where the guard answers within
 * it. The guard stands in for Socket.IO's middlewares, which are not called. The adapter must be a `gatewayAdapter`,
 * and connection state recovery off.
 */
export function useQuickSockets(namespace: Namespace, guard: EntryGuard, entry: EntryHooks = {}): void {
  const inside = namespaceInside(namespace);
  inside._add = (client, auth, done) => {
    client.decoder.entered ??= client.nsps;
    // Socket.IO lists waiting sockets for another web server than ours; one without an answer would stay there forever.
    const socket = new QuickSocket(namespace, client, auth);
    const answer = (error: (Error & { data?: unknown }) | undefined): void => {
      if (client.conn.readyState !== "open") {
        entry.gone?.(publicSocket(socket));
        return socket._cleanup();
      }
      if (error === undefined) {
        const arrival = entry.arrive?.(publicSocket(socket));
        if (arrival !== undefined) arrivals.set(socket, arrival);
        // The others know it by this id.
        if (arrival?.isRecovered === true) socket.id = arrival.session.socketId;
        return inside._doConnect(socket, done);
      }
      socket._cleanup();
      socket._error({ message: error.message, data: error.data });
    };
    // After everything that arrived in the same turn: a second CONNECT would find the namespace entered, and Socket.IO
    // would end the connection.
    guard(publicSocket(socket), (error) => process.nextTick(answer, error));
  };
}
