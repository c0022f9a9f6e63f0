import { createServer } from "node:http";
import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Server as EngineServer } from "engine.io";
import helmet from "helmet";
import { contract } from "../contract.ts";
import { refusals, refuse } from "../protocol/refusals.ts";
import type { Refusal } from "../protocol/refusals.ts";
import { offerFirstBytes } from "./first-bytes.ts";
import { engineServerInside } from "../internals/engine-io.ts";
import type { EngineRequest } from "../internals/engine-io.ts";
import { Newest } from "./newest.ts";
import { quickUpgrade, takesQuickUpgrades } from "./quick-upgrade.ts";
import { usualUpgrade } from "./usual-upgrade.ts";

export interface PublicListenerOptions {
  engine: EngineServer;
  /** Asked once per new connection, before anything is spent on it. */
  refusalOf: () => Refusal | undefined;
  onRefused: (refusal: Refusal) => void;
  /** A wire was cut that had no request, for there were too many of them. */
  onCrowdedOut: () => void;
}

/** The HTTP server, which also knows how to end. */
export type PublicListener = HttpServer & {
  /** Settles when every wire has closed; those that do not within a second are cut. */
  shut(): Promise<void>;
};

/** Wires that wait for a request, their first or their next: Node gives each ten seconds or thirty, a parser and buffers. */
const MAX_IDLE_WIRES = 2_000;
/** Requests of one wire that wait for their answers: clients and proxies send one after the other. */
const MAX_UNANSWERED = 16;
/** A wire on which nothing moves for so long is cut, longer than a poll waits: Node gives those that take no answer for ever. */
const STANDSTILL_MS = 60_000;
const LINGER_MS = 1_000;
const statusOfErrors: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/**
 * The public listener: Socket.IO's path, and a plain 404 for all else. Refusals made here are HTTP answers on purpose: a stock
 * client takes them for a passing failure and tries again, whereas one told by connect_error stays away for good.
 */
export function publicListener({ engine, refusalOf, onRefused, onCrowdedOut }: PublicListenerOptions): PublicListener {
  const secure = helmet();
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 30_000,
    // Node looks for wires past those times only this often.
    connectionsCheckingInterval: 2_000,
    maxHeaderSize: 16_384,
  });
  server.timeout = STANDSTILL_MS;
  /** With how many requests each has unanswered. */
  const wires = new Map<Socket, number>();
  const idle = new Newest<Socket>(MAX_IDLE_WIRES, (wire) => {
    onCrowdedOut();
    wire.destroy();
  });
  // One function for all wires: each would keep its own as long as it lives.
  function forget(this: Socket): void {
    wires.delete(this);
    idle.delete(this);
  }
  offerFirstBytes(server, (wire, bytes) => {
    const upgrade = takesQuickUpgrades(engine) ? usualUpgrade(bytes) : undefined;
    if (upgrade === undefined) return false;
    idle.delete(wire);
    const refusal = refusalOf();
    if (refusal === undefined) quickUpgrade(engine, upgrade, wire);
    else {
      onRefused(refusal);
      hangUp(wire, refusals[refusal.code].status, refusal);
    }
    return true;
  });
  server.on("connection", (wire) => {
    wires.set(wire, 0);
    idle.add(wire);
    wire.on("close", forget);
  });
  function answered(wire: Socket): void {
    const unanswered = wires.get(wire);
    if (unanswered === undefined) return;
    wires.set(wire, unanswered - 1);
    if (unanswered === 1) idle.add(wire);
  }

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const wire = request.socket;
    const unanswered = 1 + (wires.get(wire) ?? 0);
    // Some bytes each, and some kilobytes here for as long as their answers are not taken.
    if (unanswered > MAX_UNANSWERED) return void wire.destroy();
    wires.set(wire, unanswered);
    idle.delete(wire);
    response.once("close", () => answered(wire));
    secure(request, response, () => {
      if (!isOurs(request)) return answer(response, 404, "there is nothing here: Socket.IO is at /socket.io/\n", {});
      const refusal = isNew(engine, request) ? (refusalOf() ?? mistakeOfRequest(request, engine)) : undefined;
      if (refusal === undefined) return engine.handleRequest(request, response);
      onRefused(refusal);
      const { status } = refusals[refusal.code];
      answer(response, status, JSON.stringify(refusal), {
        "content-type": "application/json",
        ...retryHeader(refusal),
      });
    });
  });

  /** Sessions that have tried to move on to a WebSocket: a client tries once. */
  const tried = new WeakSet<object>();
  // engine.io upgrades whoever names a session, and closes then those it has no use for: wires that no count holds.
  function mistakeOfSession({ _query: { sid = "" } = {} }: EngineRequest): Refusal | undefined {
    const { clients } = engineServerInside(engine);
    const session = Object.hasOwn(clients, sid) ? clients[sid] : undefined;
    if (session === undefined) return undefined;
    if (session.transport.name === "websocket" || tried.has(session))
      return refuse("INVALID_INPUT", { message: "a session moves on to a WebSocket once" });
    tried.add(session);
    return undefined;
  }

  server.on("upgrade", (request: IncomingMessage, wire: Duplex, head: Buffer) => {
    wire.on("error", destroy);
    idle.delete(wire as Socket);
    if (!isOurs(request))
      return hangUp(wire, 404, refuse("UNKNOWN_NAMESPACE", { message: "Socket.IO is at /socket.io/" }));
    const refusal = isNew(engine, request) ? (refusalOf() ?? mistakeOfUpgrade(request)) : mistakeOfSession(request);
    if (refusal === undefined) return void engine.handleUpgrade(request, wire, head);
    onRefused(refusal);
    hangUp(wire, refusals[refusal.code].status, refusal);
  });

  server.on("clientError", (error: NodeJS.ErrnoException, wire) => {
    const status = statusOfErrors[error.code ?? ""] ?? "400 Bad Request";
    sayLast(wire, `HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  });
  return Object.assign(server, {
    async shut() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Node counts upgraded wires as open, and ws waits 30 s for a peer that does not answer its close frame.
      const lastMoment = setTimeout(() => wires.forEach((_unanswered, wire) => wire.destroy()), LINGER_MS);
      // Those without a parser yet are none of HTTP's.
      for (const wire of idle) wire.destroy();
      server.closeAllConnections();
      await closed;
      clearTimeout(lastMoment);
    },
  });
}

function destroy(this: Duplex): void {
  this.destroy();
}

function isOurs(request: IncomingMessage): boolean {
  const { url = "" } = request;
  return url.startsWith(contract.socketPath) || url.startsWith("/socket.io?");
}

/** A request that names a session belongs to a connection that was let in before. By engine.io's own reading: to it an empty name is none, and of two the last counts. */
function isNew(engine: EngineServer, request: EngineRequest): boolean {
  engineServerInside(engine).prepare(request);
  return !request._query?.sid;
}

/** Stock clients begin with polling unless told otherwise, and engine.io's word for it, an unknown transport, tells nobody what to do. */
function mistakeOfRequest({ url = "" }: IncomingMessage, { opts }: EngineServer): Refusal | undefined {
  if (opts.transports?.includes("polling") === true || !/[?&]transport=polling(&|$)/.test(url)) return undefined;
  return refuse("INVALID_INPUT", { message: 'polling is off here: give the client transports: ["websocket"]' });
}

/** engine.io upgrades such a client first and then writes an HTTP answer into the WebSocket. */
function mistakeOfUpgrade({ url = "" }: IncomingMessage): Refusal | undefined {
  if (/[?&]EIO=4(&|$)/.test(url)) return undefined;
  return refuse("INVALID_INPUT", {
    message: "Engine.IO protocol 4 is spoken here (EIO=4): that of socket.io-client 3 and newer",
  });
}

function retryHeader({ retryAfter }: Refusal): Record<string, string> {
  return retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
}

function answer(response: ServerResponse, status: number, body: string, headers: Record<string, string>): void {
  response.writeHead(status, { "content-type": "text/plain", "content-length": Buffer.byteLength(body), ...headers });
  response.end(body);
}

function hangUp(wire: Duplex, status: number, refusal: Refusal): void {
  const body = JSON.stringify(refusal);
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    connection: "close",
    ...retryHeader(refusal),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  sayLast(wire, `HTTP/1.1 ${status} Refused\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** Ends a wire with these words. Only ended, it would be held for as long as its client does not end it as well: for good, and no timeout of HTTP's sees it. */
function sayLast(wire: Duplex, text: string): void {
  if (!wire.writable) return void wire.destroy();
  wire.once("finish", destroy);
  wire.end(text);
}
