import { Socket } from "socket.io";
import type { Namespace } from "socket.io";
import type { Fanout } from "../fanout/with-fanout.ts";

/** socket.io 4.8, undocumented: how a namespace makes its sockets, and what a socket does as it is made and let in. Tested against the installed version. */
interface SocketInside extends Pick<Socket, "id" | "nsp" | "request" | "connected" | "join"> {
  buildHandshake(auth: object): object;
  _onconnect(): void;
}
interface NamespaceInside {
  _createSocket(client: unknown, auth: object): Promise<SocketInside>;
}

const Inside = Socket as unknown as new (namespace: Namespace, client: unknown, auth: object) => SocketInside;

/**
 * A socket whose record of the handshake holds what guards ask for and no more (a date as text is a microsecond), and whose answer to CONNECT is
 * encoded here, so that it passes neither Socket.IO's encoder nor engine.io's queue.
 */
class QuickSocket extends Inside {
  override buildHandshake(auth: object): object {
    return { auth, headers: this.request.headers };
  }

  override _onconnect(): void {
    const { id, nsp } = this;
    this.connected = true;
    void this.join(id);
    const head = nsp.name === "/" ? "0" : `0${nsp.name},`;
    (nsp.adapter as unknown as Fanout).sendEncoded(id, `${head}{"sid":"${id}"}`);
  }
}

/** From now on the namespace's sockets are quick ones. Its adapter must be one that `withFanout` made, and connection state recovery off. */
export function useQuickSockets(namespace: Namespace): void {
  (namespace as unknown as NamespaceInside)._createSocket = async (client, auth) => new QuickSocket(namespace, client, auth);
}
