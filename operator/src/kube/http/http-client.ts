import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from "node:https";
import type { Socket } from "node:net";
import { apiErrorOf } from "./error-response.ts";
import type { Connection } from "./connection.ts";
import { ApiError, ConnectionError } from "../errors.ts";
import { unlessAborted } from "../unless-aborted.ts";

export interface HttpRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: object;
  /** Of the body. Default application/json. */
  contentType?: string;
  headers?: Readonly<Record<string, string>>;
}

/** An answer of any status, as text. */
export interface HttpAnswer {
  status: number;
  text: string;
}

const connectWithinMs = 10_000;
/** The kernel's probes begin after this much silence. */
const keepAliveMsecs = 30_000;
/** Idle connections go before the API server closes them (after 90 s): a request could meet its closing. */
const idleMs = 60_000;
const maxErrorBytes = 1024 * 1024;

/**
 * One request at a time over HTTP/1.1. The methods throw an ApiError for an answer that is not 2xx (answer() does not), the
 * signal's reason once it aborts, and else a ConnectionError. No limit of time but for connecting: that is the signal's.
 */
export class HttpClient {
  readonly #connection: Connection;
  // Both pool by the TLS settings of a request, so a client certificate that rotates gets connections of its own.
  readonly #http = new HttpAgent({ keepAlive: true, keepAliveMsecs, timeout: idleMs });
  readonly #https = new HttpsAgent({ keepAlive: true, keepAliveMsecs, timeout: idleMs });

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** What is taken of the parsed answer; what that throws is told with the request. */
  async json<T>(
    request: HttpRequest,
    maxBytes: number,
    signal: AbortSignal,
    taken: (answer: unknown) => T,
  ): Promise<T> {
    return this.#explaining(request, signal, async () =>
      taken(JSON.parse((await bytesOf(await this.#accepted(request, "pooled", signal), maxBytes)).toString("utf8"))),
    );
  }

  /** The answer whatever its status, for what the API server only passes on. */
  async answer(request: HttpRequest, maxBytes: number, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#explaining(request, signal, async () => {
      const response = await this.#exchange(request, "pooled", signal);
      return { status: response.statusCode ?? 0, text: (await bytesOf(response, maxBytes)).toString("utf8") };
    });
  }

  /**
   * The accepted answer, its body unread. The connection is a new one: a watch must not be put on a pooled one that died
   * unnoticed, and new ones spread over the API servers behind a load balancer.
   */
  async stream(request: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
    return this.#explaining(request, signal, () => this.#accepted(request, "fresh", signal));
  }

  async #accepted(request: HttpRequest, on: "pooled" | "fresh", signal: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#exchange(request, on, signal);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    if (status === 401) this.#connection.forgetCredentials();
    throw apiErrorOf(
      status,
      response.headers["retry-after"],
      (await bytesOf(response, maxErrorBytes)).toString("utf8"),
    );
  }

  async #exchange(request: HttpRequest, on: "pooled" | "fresh", signal: AbortSignal): Promise<IncomingMessage> {
    // An exec plugin may wait for a person for ever.
    const { headers, ...credentials } = await unlessAborted(this.#connection.credentials(), signal);
    const url = new URL(this.#connection.server.replace(/\/+$/, "") + request.path);
    for (const [name, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const plain = url.protocol === "http:";
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const options: RequestOptions = {
      agent: on === "fresh" ? false : plain ? this.#http : this.#https,
      ...credentials,
      method: request.method,
      signal,
      headers: {
        ...(headers as Record<string, string> | undefined),
        ...request.headers,
        accept: "application/json",
        "user-agent": this.#connection.userAgent,
        ...(body === undefined
          ? {}
          : { "content-type": request.contentType ?? "application/json", "content-length": body.length }),
      },
    };
    return new Promise((resolve, reject) => {
      const outgoing = (plain ? httpRequest : httpsRequest)(url, options, resolve);
      outgoing.on("error", reject);
      outgoing.on("socket", (socket) => limitConnecting(outgoing, socket, plain ? "connect" : "secureConnect"));
      outgoing.end(body);
    });
  }

  async #explaining<T>(request: HttpRequest, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explained(`${request.method} ${request.path}`, error, signal);
    }
  }
}

/** What to throw for what went wrong. An aborted request's own error says nothing; its signal's reason does. */
export function explained(what: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof ApiError) return error;
  // A connection refused on every address of a name has a code and no message.
  const { message, code } = error as { message?: string; code?: string };
  return new ConnectionError(`${what}: ${message || code || "failed"}`, { cause: error });
}

function limitConnecting(outgoing: ClientRequest, socket: Socket, connected: "connect" | "secureConnect"): void {
  socket.setKeepAlive(true, keepAliveMsecs);
  if (!socket.connecting) return;
  const timer = setTimeout(
    () => outgoing.destroy(new ConnectionError(`no connection within ${connectWithinMs / 1000} s`)),
    connectWithinMs,
  );
  socket.once(connected, () => clearTimeout(timer));
  socket.once("close", () => clearTimeout(timer));
}

async function bytesOf(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new ConnectionError(`an answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
