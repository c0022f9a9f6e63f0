import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Server as EngineServer } from "engine.io";
import helmet from "helmet";
import { refuse, type Refusal } from "../protocol/refusals.ts";
import { answerPreflight, corsHeaders } from "./cors.ts";
import { offerFirstBytes } from "./first-bytes.ts";
import { isNewcomer, isSocketIoPath, mistakeOfRequest, mistakeOfUpgrade, upgradesOnce } from "./handshake-requests.ts";
import { answer, destroy, endWith, refuseRequest, refuseUpgrade } from "./http-answers.ts";
import { IdleSockets } from "./idle-sockets.ts";
import { quickUpgrade, takesQuickUpgrades, type StartPings } from "./quick-upgrade.ts";
import { usualUpgrade } from "./usual-upgrade.ts";

/** A client that requests a new connection. */
export interface Newcomer {
  socket: { remoteAddress?: string | undefined };
  /** Only x-forwarded-for is used, to find the client's address. */
  headers: Readonly<NodeJS.Dict<string | string[]>>;
}

export interface PublicListenerOptions {
  engine: EngineServer;
  /** Called once for each new connection, before anything else is done for it. */
  refusalOf: (newcomer: Newcomer) => Refusal | undefined;
  onRefused: (refusal: Refusal) => void;
  /** Called when a TCP socket without a request was destroyed because there were too many of them. */
  onCrowdedOut: () => void;
  /** Web pages of these origins are allowed to read refusals. */
  origins: () => readonly string[];
  nowMs: () => number;
  /** Names of headers that are kept, because the application's handlers get them. */
  keptHeaders: readonly string[];
  startPings: StartPings;
}

/** The HTTP server of the public port, with a function that closes it. */
export type PublicListener = HttpServer & {
  /** Resolves when all TCP sockets are closed. The listener destroys the remaining ones after a second. */
  shut(): Promise<void>;
};

/**
 * A socket without traffic for this long is destroyed. By default, Node would never do so. Engine.IO's polling requests
 * are answered in a shorter time.
 */
const STANDSTILL_MS = 60_000;
const LINGER_MS = 1_000;
const statusOfErrors: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/**
 * Serves the path of Socket.IO, and answers 404 to all other paths. It refuses new connections over HTTP, because a
 * stock client tries again with a backoff after an HTTP error, but not after a connect_error.
 */
export function publicListener(options: PublicListenerOptions): PublicListener {
  const { engine, onCrowdedOut, nowMs } = options;
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 30_000,
    // How often Node checks its sockets for the timeouts above.
    connectionsCheckingInterval: 2_000,
    maxHeaderSize: 16_384,
  });
  server.timeout = STANDSTILL_MS;
  const sockets = new IdleSockets(nowMs, onCrowdedOut);
  offerFirstBytes(server, (socket, bytes) => {
    const upgrade = takesQuickUpgrades(engine) ? usualUpgrade(bytes, options.keptHeaders) : undefined;
    if (upgrade === undefined) return false;
    sockets.upgrades(socket);
    const refusal = options.refusalOf({ socket, headers: upgrade.headers });
    if (refusal === undefined) quickUpgrade(engine, upgrade, socket, options.startPings);
    else {
      options.onRefused(refusal);
      refuseUpgrade(socket, refusal);
    }
    return true;
  });
  server.on("connection", (socket) => sockets.add(socket));
  serveRequests(server, sockets, options);
  serveUpgrades(server, sockets, options);
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const status = statusOfErrors[error.code ?? ""] ?? "400 Bad Request";
    endWith(socket, `HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  });
  return Object.assign(server, { shut: () => shut(server, sockets) });
}

function serveRequests(server: HttpServer, sockets: IdleSockets, options: PublicListenerOptions): void {
  const { engine, refusalOf, onRefused, origins } = options;
  const secure = helmet();
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (!sockets.requests(request.socket, response)) return;
    secure(request, response, () => {
      if (!isSocketIoPath(request)) return answer(response, 404, "not found: Socket.IO is at /socket.io/\n", {});
      if (request.method === "OPTIONS") return answerPreflight(request, response, origins());
      const refusal = isNewcomer(engine, request)
        ? (refusalOf(request) ?? mistakeOfRequest(request, engine))
        : undefined;
      for (const [name, value] of Object.entries(corsHeaders(request, origins()))) response.setHeader(name, value);
      if (refusal === undefined) return engine.handleRequest(request, response);
      onRefused(refusal);
      refuseRequest(response, refusal);
    });
  });
}

function serveUpgrades(server: HttpServer, sockets: IdleSockets, options: PublicListenerOptions): void {
  const { engine, refusalOf, onRefused } = options;
  const mistakeOfSession = upgradesOnce(engine);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", destroy);
    sockets.upgrades(socket as Socket);
    if (!isSocketIoPath(request))
      return refuseUpgrade(socket, refuse("UNKNOWN_NAMESPACE", { message: "Socket.IO is at /socket.io/" }));
    const refusal = isNewcomer(engine, request)
      ? (refusalOf(request) ?? mistakeOfUpgrade(request))
      : mistakeOfSession(request);
    if (refusal === undefined) return void engine.handleUpgrade(request, socket, head);
    onRefused(refusal);
    refuseUpgrade(socket, refusal);
  });
}

async function shut(server: HttpServer, sockets: IdleSockets): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Node counts upgraded sockets as open, and ws waits for clients that do not answer its close frame.
  const lastMoment = setTimeout(() => sockets.destroyAll(), LINGER_MS);
  // Node's HTTP server does not know the sockets that have no parser yet.
  sockets.destroyIdle();
  server.closeAllConnections();
  await closed;
  clearTimeout(lastMoment);
}
