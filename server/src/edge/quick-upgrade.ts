import { hash } from "node:crypto";
import type { Socket } from "node:net";
import { Writable } from "node:stream";
import type { Server as EngineServer } from "engine.io";
import { contract } from "../contract.ts";
import { NOTHING, textFrame } from "../broadcast/fanout/frame.ts";
import {
  EngineSocketClass,
  engineServerInside,
  WebSocketTransportClass,
  type EngineServerInside,
  type PingedSocket,
} from "../internals/engine-io.ts";
import { readWholeFrames } from "../internals/quick-receiver.ts";
import { RUNNING, type Receiver } from "../internals/ws.ts";
import type { UsualUpgrade } from "./usual-upgrade.ts";

/** The constant with which RFC 6455 §1.3 computes Sec-WebSocket-Accept. */
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const url = `${contract.socketPath}?EIO=4&transport=websocket`;
const query = Object.freeze({ EIO: "4", transport: "websocket" });
const PROTOCOL = 4;

/** A transport that writes the answer to the upgrade and engine.io's open packet at once. */
class QuickTransport extends WebSocketTransportClass {
  readonly #wire: Socket;
  #answer: string | undefined;

  constructor(request: { socket: Socket }, answer: string) {
    super(request);
    this.perMessageDeflate = false;
    this.#wire = request.socket;
    this.#answer = answer;
  }

  override send(packets: readonly { data?: unknown }[]): void {
    const answer = this.#answer;
    if (answer === undefined) return super.send(packets);
    this.#answer = undefined;
    this.writable = false;
    const open = textFrame(`0${String(packets[0]?.data)}`);
    this.#wire.write(answer + open.toString("latin1"), "latin1", this._onSentLast);
  }
}

/** A connection without engine.io's timers for pings. */
class QuickConnection extends EngineSocketClass {
  override schedulePing(): void {}
}

/** Starts the pings of a connection that has no timers for them. */
export type StartPings = (connection: PingedSocket) => void;

/**
 * Upgrades a request that `usualUpgrade` has read, without an HTTP parser, a request object or a URL parser.
 * `takesQuickUpgrades` must be true for the engine, and the engine must generate its ids synchronously.
 */
export function quickUpgrade(
  engine: EngineServer,
  { headers }: UsualUpgrade,
  wire: Socket,
  startPings: StartPings,
): void {
  const { options } = engineServerInside(engine).ws!;
  const accept = hash("sha1", headers["sec-websocket-key"] + ACCEPT_GUID, "base64");
  const answer = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
  const webSocket = new options.WebSocket(null, undefined, options);
  webSocket.setSocket(wire, NOTHING, options);
  readWholeFrames(webSocket._receiver!);
  webSocket._receiver!.end = endOnce as Receiver["end"];
  wire.prependListener("end", endAtOnce);
  const request = { method: "GET", url, headers, socket: wire, connection: wire, _query: query, websocket: webSocket };
  connect(engine, request, answer, startPings);
}

/** Creates the connection as engine.io's `handshake` does, but synchronously. */
function connect(engine: EngineServer, request: { socket: Socket }, answer: string, startPings: StartPings): void {
  const inside = engineServerInside(engine);
  const transport = new QuickTransport(request, answer);
  const id = inside.generateId(request);
  const connection = new QuickConnection(id, engine, transport, request, PROTOCOL);
  inside.clients[id] = connection;
  inside.clientsCount += 1;
  connection.once("close", forget);
  startPings(connection);
  engine.emit("connection", connection);
}

function forget(this: { server: EngineServerInside; id: string }): void {
  delete this.server.clients[this.id];
  this.server.clientsCount -= 1;
}

/**
 * Returns false if engine.io must answer upgrades itself: because its options let other code change upgrades, or
 * because it is closing.
 */
export function takesQuickUpgrades(engine: EngineServer): boolean {
  const { opts, middlewares, ws } = engineServerInside(engine);
  return (
    middlewares?.length === 0 &&
    opts.allowRequest === undefined &&
    !opts.perMessageDeflate &&
    opts.transports.includes("websocket") &&
    ws?._state === RUNNING &&
    typeof ws.options.WebSocket === "function" &&
    engine.listenerCount("headers") + engine.listenerCount("initial_headers") === 0
  );
}

/**
 * ws ends its receiver twice when a connection closes. The second time, Node would create an error with a stack trace
 * that nobody uses.
 */
function endOnce(this: Writable): Writable {
  return this.writableEnded ? this : (Writable.prototype.end as () => Writable).call(this);
}

/**
 * Destroys the TCP socket when the client has closed it and all bytes are written. ws would call `end`; `destroy` sends
 * the same FIN, but saves a system call and a turn of the event loop.
 */
function endAtOnce(this: Socket): void {
  if (this.writableLength === 0) this.end = destroy;
}

function destroy(this: Socket): Socket {
  return this.destroy();
}
