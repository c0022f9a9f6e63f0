import type { ManagerOptions, Socket, SocketOptions } from "socket.io-client";
import { clientOf, connected } from "./ingress-client.ts";
import type { Fleet } from "./fleet.ts";

/** A connected stock client that records all events that it receives. */
export interface Client {
  socket: Socket;
  user: string;
  /** The received events, oldest first. */
  seen: { event: string; payload: Record<string, unknown> }[];
  disconnects: string[];
  emit(event: string, payload: object): Promise<Record<string, unknown>>;
  messages(): unknown[];
  close(): void;
}

export interface ClientOptions {
  rooms?: readonly string[];
  namespace?: "/events" | "/messaging";
  options?: Partial<ManagerOptions & SocketOptions>;
}

/**
 * Connects a client of this user through the ingress. If the gateway refuses it, rejects with the code of the refusal.
 */
export async function connectClient(fleet: Fleet, user: string, options: ClientOptions = {}): Promise<Client> {
  const token = await fleet.token(user, options.rooms);
  const socket = clientOf({
    host: fleet.host,
    ingressAddress: fleet.state.ingressAddress,
    token,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.options === undefined ? {} : { options: options.options }),
  });
  const client: Client = {
    socket,
    user,
    seen: [],
    disconnects: [],
    emit: (event, payload) => socket.timeout(10_000).emitWithAck(event, payload) as Promise<Record<string, unknown>>,
    messages: () => client.seen.filter(({ event }) => event === "message").map(({ payload }) => payload["message"]),
    close: () => void socket.disconnect(),
  };
  socket.onAny((event: string, payload: Record<string, unknown>) => client.seen.push({ event, payload }));
  // Count only disconnects after "connect". The stock client also emits "disconnect" when its connection ends before
  // the gateway has accepted it in the namespace.
  let isConnected = false;
  socket.on("connect", () => (isConnected = true));
  socket.on("disconnect", (reason) => {
    if (isConnected) client.disconnects.push(reason);
    isConnected = false;
  });
  await connected(socket);
  return client;
}

export async function connectMany(
  fleet: Fleet,
  count: number,
  options: ClientOptions & { prefix?: string } = {},
): Promise<Client[]> {
  const clients: Client[] = [];
  for (let from = 0; from < count; from += 10) {
    const batch = Array.from({ length: Math.min(10, count - from) }, (_, index) =>
      connectClient(fleet, `${options.prefix ?? "user"}-${from + index}`, options),
    );
    clients.push(...(await Promise.all(batch)));
  }
  return clients;
}
