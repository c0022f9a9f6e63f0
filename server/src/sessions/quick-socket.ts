import type { Namespace, Socket } from "socket.io";
import { fanoutOf } from "../broadcast/gateway-adapter.ts";
import { namespaceInside, publicSocket, SocketClass } from "../internals/socket-io.ts";

/** Decides who may enter: calls `next` once, with an error (its `data` goes to the client) or without, within the turn or later; or never. */
export type EntryGuard = (socket: Socket, next: (error?: Error & { data?: unknown }) => void) => void;

/**
 * A socket whose record of the handshake holds what guards ask for and no more (a date as text is a microsecond), and whose answer to CONNECT is
 * encoded here, so that it passes neither Socket.IO's encoder nor engine.io's queue.
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
    fanoutOf(nsp).send(id, `${head}{"sid":"${id}"}`);
  }
}

/**
 * From now on the namespace's sockets are quick ones, and enter at the end of the turn where the guard answers within it. The guard stands in for Socket.IO's middlewares,
 * which are not called. The adapter must be a `gatewayAdapter`, and connection state recovery off.
 */
export function useQuickSockets(namespace: Namespace, guard: EntryGuard): void {
  const inside = namespaceInside(namespace);
  inside._add = (client, auth, done) => {
    client.decoder.entered ??= client.nsps;
    // Socket.IO lists waiting sockets for another web server than ours; one without an answer would stay there forever.
    const socket = new QuickSocket(namespace, client, auth);
    const answer = (error: (Error & { data?: unknown }) | undefined): void => {
      if (client.conn.readyState !== "open") return socket._cleanup();
      if (error === undefined) return inside._doConnect(socket, done);
      socket._cleanup();
      socket._error({ message: error.message, data: error.data });
    };
    // Behind all that came in one piece with it: a second CONNECT would find the namespace entered, for which Socket.IO ends the connection.
    guard(publicSocket(socket), (error) => process.nextTick(answer, error));
  };
}
