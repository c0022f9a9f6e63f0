import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type ServerOptions, type Socket } from "socket.io";
import {
  io as connectClient,
  type ManagerOptions,
  type Socket as ClientSocket,
  type SocketOptions,
} from "socket.io-client";

export interface Connected {
  client: ClientSocket;
  serverSocket: Socket;
}

/** A plain Socket.IO server on a free port, to which a test can connect stock clients. */
export interface Rig {
  io: Server;
  connect(options?: Partial<ManagerOptions & SocketOptions>): Promise<Connected>;
  /** Opens another namespace on the connection of this client. */
  enter(connected: Connected, namespace: string): Promise<Connected>;
  close(): Promise<void>;
}

/** Starts a Socket.IO server with this adapter. Default: Socket.IO's own adapter, in memory. */
export async function startRig(adapter?: ServerOptions["adapter"], options: Partial<ServerOptions> = {}): Promise<Rig> {
  const http = createServer();
  const io = new Server(http, { ...options, ...(adapter === undefined ? {} : { adapter }) });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const clients: ClientSocket[] = [];

  const pair = async (namespace: string, open: () => ClientSocket): Promise<Connected> => {
    const arrived = new Map<string, Socket>();
    const listener = (socket: Socket): void => void arrived.set(socket.id, socket);
    io.of(namespace).on("connection", listener);
    const client = open();
    clients.push(client);
    await new Promise<void>((resolve, reject) => {
      client.once("connect", resolve);
      client.once("connect_error", reject);
    });
    io.of(namespace).off("connection", listener);
    return { client, serverSocket: arrived.get(client.id!)! };
  };

  return {
    io,
    connect: (clientOptions) =>
      pair("/", () =>
        connectClient(`http://127.0.0.1:${port}`, {
          transports: ["websocket"],
          reconnection: false,
          forceNew: true,
          ...clientOptions,
        }),
      ),
    enter: ({ client }, namespace) => pair(namespace, () => client.io.socket(namespace)),
    async close() {
      for (const client of clients) client.io._close();
      await io.close();
    },
  };
}
