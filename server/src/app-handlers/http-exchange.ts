import type { IncomingHttpHeaders } from "node:http";
import { Client, type Dispatcher } from "undici";
import { connectFailure, type Failure } from "./failure.ts";

/** Maximum size of a handler's answer. */
export const MAX_ANSWER_BYTES = 1_048_576;
/**
 * An idle connection is closed after this time. It is shorter than the idle timeout of most servers, so the server does
 * not close the connection while a request is on its way.
 */
const KEEP_ALIVE_MS = 4_000;
/** Each connection is replaced after this time, so that new instances of the handler get requests too. */
const CONNECTION_LIFE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** `isUnsent`: no byte of the request was sent. */
export type Exchanged = { text: string } | (Failure & { isUnsent: boolean });

export interface Exchange {
  body: string;
  headers: Record<string, string>;
  timeoutMs: number;
  /** The time in which a connection must be ready. Set if it is shorter than `timeoutMs`. */
  connectWithinMs?: number;
}

/**
 * A connection to the handler. It is used for one request at a time. If the handler has closed it, the next request
 * opens it again.
 */
interface Connection {
  client: Client;
  openedAtMs: number;
}

/**
 * The HTTP connections of a gateway to one URL. It follows no redirects and sends no request a second time. The caller
 * must limit the number of requests. undici's Pool is not used, because it looks through all its connections for each
 * request.
 */
export class HttpExchanges {
  readonly #origin: string;
  readonly #path: string;
  readonly #connections = new Set<Connection>();
  /**
   * Connections that no request uses. The one that became free last is used next, so that the others stay idle and are
   * closed.
   */
  readonly #free: Connection[] = [];
  #isClosing = false;

  constructor(address: string) {
    const { origin, pathname, search } = new URL(address);
    this.#origin = origin;
    this.#path = pathname + search;
  }

  /** Posts JSON. Resolves to the text of the answer if it has status 200 and is JSON, otherwise to the failure. */
  post({ body, headers, timeoutMs, connectWithinMs = timeoutMs }: Exchange): Promise<Exchanged> {
    const connection = this.#free.pop() ?? this.#open();
    return new Promise((resolve) => {
      const receiver = new Receiver((exchanged, isWhole) => {
        this.#release(connection, isWhole);
        resolve(exchanged);
      });
      receiver.limit(timeoutMs, connectWithinMs);
      connection.client.dispatch({ method: "POST", path: this.#path, headers, body }, receiver);
    });
  }

  /** Closes the connections after their requests are answered. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#connections].map(({ client }) => client.close()));
  }

  /** Closes the connections at once. */
  async destroy(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#connections].map(({ client }) => client.destroy()));
  }

  #open(): Connection {
    const client = new Client(this.#origin, {
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: CONNECTION_LIFE_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
    });
    const connection = { client, openedAtMs: performance.now() };
    this.#connections.add(connection);
    return connection;
  }

  #release(connection: Connection, isWhole: boolean): void {
    const isYoung = performance.now() - connection.openedAtMs < CONNECTION_LIFE_MS;
    if (isWhole && isYoung && !this.#isClosing) return void this.#free.push(connection);
    this.#connections.delete(connection);
    if (isWhole) return void connection.client.close();
    // The connection is possibly still being opened, or gets an answer that is too late. So it cannot be used again.
    void connection.client.destroy();
  }
}

/** Collects one answer. Its time and size are limited. */
class Receiver implements Dispatcher.DispatchHandler {
  readonly #resolve: (exchanged: Exchanged, isWhole: boolean) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #connectTimer: NodeJS.Timeout | undefined;
  #isDone = false;
  /** Whether the answer has been read to its end, so that the connection can be used again. */
  #isWhole = false;
  #problem: Failure | undefined;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(resolve: (exchanged: Exchanged, isWhole: boolean) => void) {
    this.#resolve = resolve;
  }

  limit(timeoutMs: number, connectWithinMs: number): void {
    const late = (): void =>
      this.#controller === undefined
        ? this.#end({ reason: "connect_failed", detail: "no connection in time" })
        : this.#end({ reason: "timeout", detail: `${timeoutMs} ms` });
    this.#timer = setTimeout(late, timeoutMs);
    if (connectWithinMs < timeoutMs) this.#connectTimer = setTimeout(late, connectWithinMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    clearTimeout(this.#connectTimer);
    this.#controller = controller;
    // The time was over before the connection was ready. After this abort, undici sends nothing.
    if (this.#isDone) controller.abort(new Error("too late"));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status >= 300 && status < 400) this.#problem = { reason: "redirect", detail: String(status) };
    else if (status !== 200) this.#problem = { reason: "status", detail: String(status) };
    else if (!isJson(headers["content-type"])) this.#problem = { reason: "content_type", detail: "not JSON" };
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > MAX_ANSWER_BYTES) {
      this.#end(this.#problem ?? { reason: "too_large", detail: `more than ${MAX_ANSWER_BYTES} bytes` });
      // Read a body even if it is not used, so that the connection can be used again.
    } else if (this.#problem === undefined) this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#isWhole = true;
    if (this.#problem !== undefined) return this.#end(this.#problem);
    const [only = Buffer.alloc(0), ...more] = this.#chunks;
    const bytes = more.length === 0 ? only : Buffer.concat(this.#chunks);
    this.#finish({ text: bytes.toString("utf8") });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    const detail = (error as { code?: string }).code ?? error.name;
    if (this.#controller !== undefined) return this.#end({ reason: "reset", detail });
    this.#end(connectFailure(detail));
  }

  #end(failure: Failure): void {
    const isUnsent = this.#controller === undefined;
    this.#finish({ ...failure, isUnsent });
    if (!this.#isWhole) this.#controller?.abort(new Error(failure.reason));
  }

  #finish(exchanged: Exchanged): void {
    if (this.#isDone) return;
    this.#isDone = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#connectTimer);
    this.#resolve(exchanged, this.#isWhole);
  }
}

/** An answer without a content type counts as JSON; parsing it shows whether it is. */
function isJson(type: string | string[] | undefined): boolean {
  return type === undefined || /^application\/(?:[\w.-]+\+)?json\b/i.test(String(type));
}
