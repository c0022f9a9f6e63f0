import { request, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { request as secureRequest } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** One request of a gateway to a handler, for the inspector. */
export interface HandlerCall {
  handler: string;
  /** The body of the request, and the body of the answer. Empty when there was no answer. */
  request: string;
  answer: string;
  /** 0 when there was no answer. */
  status: number;
  milliseconds: number;
}

/**
 * The address to which gateways send their requests to local handlers: one path for each handler. It passes them on to
 * the process that handles them now. So the process can be replaced without a change in the gateways.
 */
export class HandlerFront {
  readonly #server: Server;
  readonly #onCall: (call: HandlerCall) => void;
  /** The URL of each handler, by name. */
  #urls: ReadonlyMap<string, string> = new Map();
  readonly #running = new Set<Promise<void>>();

  constructor(onCall: (call: HandlerCall) => void) {
    this.#onCall = onCall;
    this.#server = createServer((incoming, outgoing) => {
      const passing = this.#pass(incoming, outgoing).finally(() => this.#running.delete(passing));
      this.#running.add(passing);
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** The URL that gateways get for this handler. */
  urlOf(handler: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${handler}`;
  }

  /** From now on, passes new requests on to these URLs. Resolves when all earlier requests have been answered. */
  async serve(urls: ReadonlyMap<string, string>): Promise<void> {
    this.#urls = urls;
    await Promise.allSettled([...this.#running]);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const handler = (incoming.url ?? "/").slice(1);
    const url = this.#urls.get(handler);
    const startMs = performance.now();
    const isGone = new AbortController();
    // The gateway no longer waits for the answer, so do not wait for the handler either.
    outgoing.once("close", () => isGone.abort());
    const call: HandlerCall = { handler, request: "", answer: "", status: 0, milliseconds: 0 };
    try {
      const body = await buffer(incoming);
      call.request = body.toString();
      if (url === undefined) throw new Error(`no handler ${handler} runs`);
      const answer = await this.#send(url, incoming, body, isGone.signal);
      const content = await buffer(answer);
      call.answer = content.toString();
      call.status = answer.statusCode ?? 0;
      const type = answer.headers["content-type"];
      outgoing.writeHead(call.status, type === undefined ? {} : { "content-type": type }).end(content);
    } catch {
      // Close the connection, as a handler that has crashed does. An answer of our own would look like the handler's.
      outgoing.destroy();
    }
    this.#onCall({ ...call, milliseconds: performance.now() - startMs });
  }

  #send(
    url: string,
    { method, headers }: IncomingMessage,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { host: _host, connection: _connection, ...passed } = headers;
    const send = url.startsWith("https:") ? secureRequest : request;
    return new Promise((resolve, reject) => {
      send(url, { method, signal, headers: { ...passed, "content-length": body.length } }, resolve)
        .on("error", reject)
        .end(body);
    });
  }
}
