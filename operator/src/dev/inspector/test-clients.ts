import { io, type Socket } from "socket.io-client";
import { shown } from "./shown.ts";

/** What the form "send" asks for. */
export interface SendRequest {
  user: string;
  namespace: string;
  event: string;
  data: unknown;
}

export interface TestClientsOptions {
  url: string;
  /** Signs a token for a user. Undefined: this cluster needs no token, or `realtime dev` cannot sign one. */
  tokenFor: (user: string) => string | undefined;
}

const MAX_CLIENTS = 20;
const ACK_MS = 10_000;

/**
 * Stock clients of the inspector's form "send": one for each user and namespace. A client stays connected, so that it
 * stays in the rooms that it has joined.
 */
export class TestClients {
  readonly #options: TestClientsOptions;
  readonly #clients = new Map<string, Socket>();

  constructor(options: TestClientsOptions) {
    this.#options = options;
  }

  /** Sends an event, and returns its ack. Throws when the client cannot connect, or gets no ack. */
  async send({ user, namespace, event, data }: SendRequest): Promise<{ ack: string; milliseconds: number }> {
    const client = this.#clientOf(user, namespace);
    if (!client.connected) await connected(client);
    const startMs = performance.now();
    const values = data === undefined ? [] : [data];
    const ack: unknown = await client.timeout(ACK_MS).emitWithAck(event, ...values);
    return { ack: shown(ack), milliseconds: performance.now() - startMs };
  }

  close(): void {
    for (const client of this.#clients.values()) client.disconnect();
    this.#clients.clear();
  }

  #clientOf(user: string, namespace: string): Socket {
    const key = `${namespace} ${user}`;
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const token = this.#options.tokenFor(user);
    const client = io(`${this.#options.url}${namespace}`, {
      ...{ transports: ["websocket"], autoConnect: false, forceNew: true },
      auth: token === undefined ? {} : { token },
    });
    this.#clients.set(key, client);
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > MAX_CLIENTS) {
      this.#clients.get(oldest!)?.disconnect();
      this.#clients.delete(oldest!);
    }
    return client;
  }
}

function connected(client: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      client.off("connect", onConnect).off("connect_error", onError);
      settle();
    };
    const onConnect = (): void => end(resolve);
    const onError = (error: Error & { data?: { code?: string } }): void =>
      end(() => reject(new Error(`the client cannot connect: ${error.data?.code ?? ""} ${error.message}`)));
    client.on("connect", onConnect).on("connect_error", onError).connect();
  });
}
