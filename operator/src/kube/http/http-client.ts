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
  /** Content type of the body. Default application/json. */
  contentType?: string;
  headers?: Readonly<Record<string, string>>;
}

/** A response with any status, and its body as text. */
export interface HttpAnswer {
  status: number;
  text: string;
}

const CONNECT_WITHIN_MS = 10_000;
/** An idle connection sends TCP keep-alive probes after this time. */
const KEEP_ALIVE_MS = 30_000;
/**
 * An API server closes a connection that is idle for 90 s. The client closes it earlier, so that no request is sent on
 * a connection that the server is closing.
 */
const IDLE_MS = 60_000;
const MAX_ERROR_BYTES = 1024 * 1024;

/**
 * HTTP/1.1 requests to the API server. Only connecting has a time limit; callers limit whole requests with the signal.
 * When the signal aborts, a method throws the signal's reason. When the status is not 2xx, it throws an ApiError,
 * except answer(). For all other failures, it throws a ConnectionError.
 */
export class HttpClient {
  readonly #connection: Connection;
  // An agent keeps a separate pool for each combination of TLS settings. So a renewed client certificate gets new
  // connections.
  readonly #http = new HttpAgent({ keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, timeout: IDLE_MS });
  readonly #https = new HttpsAgent({ keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, timeout: IDLE_MS });

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Parses the body as JSON and returns what the function `taken` makes of it. Errors name the request. */
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

  /**
   * Returns the response with any status, without an ApiError. Use it for requests that the API server forwards to a
   * pod.
   */
  async answer(request: HttpRequest, maxBytes: number, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#explaining(request, signal, async () => {
      const response = await this.#exchange(request, "pooled", signal);
      return { status: response.statusCode ?? 0, text: (await bytesOf(response, maxBytes)).toString("utf8") };
    });
  }

  /**
   * Returns a response with status 2xx whose body is not read yet. The request uses a new connection: a connection from
   * the pool may be dead, and a load balancer spreads new connections over all API servers.
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
      (await bytesOf(response, MAX_ERROR_BYTES)).toString("utf8"),
    );
  }

  async #exchange(request: HttpRequest, on: "pooled" | "fresh", signal: AbortSignal): Promise<IncomingMessage> {
    // Getting credentials may last forever, because an exec plugin may wait for user input. So stop waiting when the
    // signal aborts.
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

/** The error that the caller throws. If the request was aborted, this is the signal's reason, because it says why. */
export function explained(what: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof ApiError) return error;
  // When the host name has several addresses and all refuse the connection, the error has a code but no message.
  const { message, code } = error as { message?: string; code?: string };
  return new ConnectionError(`${what}: ${message || code || "failed"}`, { cause: error });
}

function limitConnecting(outgoing: ClientRequest, socket: Socket, connected: "connect" | "secureConnect"): void {
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  if (!socket.connecting) return;
  const timer = setTimeout(
    () => outgoing.destroy(new ConnectionError(`no connection within ${CONNECT_WITHIN_MS / 1000} s`)),
    CONNECT_WITHIN_MS,
  );
  socket.once(connected, () => clearTimeout(timer));
  socket.once("close", () => clearTimeout(timer));
}

export async function bytesOf(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new ConnectionError(`a response of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
