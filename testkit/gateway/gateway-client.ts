import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { signToken } from "../sign-token.ts";
import { until } from "../until.ts";
import { JWT_SECRET, type Ports } from "./gateway-settings.ts";

export interface ClientOptions {
  user?: string;
  /** The rooms that the token allows, as names or * patterns. Default: all rooms. */
  rooms?: readonly string[];
  namespace?: string;
  /** The token that the client sends. Default: a token that is signed for the user. null: no token. */
  token?: string | null;
  lifetimeSeconds?: number;
  jti?: string;
  options?: Partial<ManagerOptions & SocketOptions>;
}

/** The gateway's answer to a connection that it refuses. */
export interface RefusalSeen {
  code: string;
  message: string;
  [field: string]: unknown;
}

/** A stock client that records all events that it receives. */
export interface TestClient {
  socket: Socket;
  user: string;
  seen: { event: string; payload: Record<string, unknown> }[];
  /** Payloads of one event. */
  all(event: string): Record<string, unknown>[];
  /** Waits for an event of this name for which `fits` returns true. */
  next(event: string, fits?: (payload: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  /** Emits an event and returns its ack. */
  ask(event: string, ...args: unknown[]): Promise<Record<string, unknown>>;
  /** The reason of each disconnect so far. */
  disconnects: string[];
  /** Opens another namespace on the same engine connection. */
  enter(namespace: string, token?: string): TestClient;
  close(): void;
}

const DEADLINE_MS = 30_000;

/** Creates a client that starts to connect. Does not wait until it is connected or refused. */
export async function openClient(
  { publicPort }: Pick<Ports, "publicPort">,
  settings: ClientOptions = {},
): Promise<TestClient> {
  const { user = "ada", rooms = ["*"], namespace = "/events", token, options, ...claims } = settings;
  const given = token === undefined ? await signToken(JWT_SECRET, { sub: user, rooms, ...claims }) : token;
  const socket = io(`http://127.0.0.1:${publicPort}${namespace}`, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    ...(given === null ? {} : { auth: { token: given } }),
    ...options,
  });
  return observed(socket, user);
}

/** Connects a client and waits for its "connected" event. If the gateway refuses the client, throws the refusal. */
export async function connectClient(
  ports: Pick<Ports, "publicPort">,
  settings: ClientOptions = {},
): Promise<TestClient> {
  const client = await openClient(ports, settings);
  await connected(client);
  return client;
}

/**
 * Connects a client that the gateway is expected to refuse, and returns the refusal. Throws if the client is accepted.
 */
export async function refusedClient(
  ports: Pick<Ports, "publicPort">,
  settings: ClientOptions = {},
): Promise<RefusalSeen> {
  const client = await openClient(ports, settings);
  try {
    return await refusalOf(client);
  } finally {
    client.close();
  }
}

export async function connected(client: TestClient): Promise<void> {
  const refusal = await Promise.race([client.next("connected").then(() => undefined), refusalOf(client)]);
  if (refusal !== undefined) throw Object.assign(new Error(`refused: ${JSON.stringify(refusal)}`), { refusal });
}

function refusalOf({ socket }: TestClient): Promise<RefusalSeen> {
  return new Promise((resolve, reject) => {
    socket.once("connect_error", (error: Error & { data?: RefusalSeen }) =>
      error.data === undefined ? reject(error) : resolve(error.data),
    );
  });
}

function observed(socket: Socket, user: string): TestClient {
  const seen: TestClient["seen"] = [];
  const disconnects: string[] = [];
  socket.onAny((event: string, payload: Record<string, unknown>) => seen.push({ event, payload }));
  socket.on("disconnect", (reason) => disconnects.push(reason));
  const all = (event: string) => seen.filter((one) => one.event === event).map(({ payload }) => payload);
  return {
    ...{ socket, user, seen, disconnects, all },
    next: (event, fits = () => true) =>
      until(`${event} for ${user}`, async () => all(event).find(fits), DEADLINE_MS, 5),
    ask: (event, ...args) =>
      socket.timeout(DEADLINE_MS).emitWithAck(event, ...args) as Promise<Record<string, unknown>>,
    enter: (namespace, token) =>
      observed(socket.io.socket(namespace, { auth: token === undefined ? socket.auth : { token } }), user),
    // Close the whole manager, not only this socket: otherwise other namespaces stay open, and the client reconnects.
    close: () => socket.io._close(),
  };
}
