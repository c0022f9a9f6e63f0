// Undocumented members of engine.io 6.6.
import type { IncomingMessage } from "node:http";
import { Socket as EngineSocketOfPackage, transports, type Server as EngineServer } from "engine.io";
import { isUntouched, type WebSocketInside, type WebSocketServerInside } from "./ws.ts";

/** The engine.io connection of a client. All namespaces of the client share it. */
export interface EngineSocket {
  readonly id: string;
  readonly readyState: string;
  readonly protocol: number;
  readonly upgrading: boolean;
  readonly transport: EngineTransport;
  readonly request: IncomingMessage;
  /** Packets that engine.io has not passed to the transport yet. A new packet must be sent after them. */
  readonly writeBuffer: { data?: unknown; options?: { wsPreEncodedFrame?: Buffer[] } }[];
  close(discard?: boolean): void;
  /** Closes the connection at once, also while its transport waits for something. */
  onClose(reason: "forced close" | "ping timeout"): void;
  once(event: "close", listener: (reason: string) => void): unknown;
}

export interface EngineTransport {
  readonly name: string;
  /** False from a send until its bytes have left. engine.io then emits "ready" and sends its buffer. */
  writable: boolean;
  readonly perMessageDeflate?: unknown;
  /** The WebSocket of a websocket transport. */
  readonly socket?: WebSocketInside;
  emit(event: "ready"): boolean;
}

/** A request whose query engine.io has parsed. */
export type EngineRequest = IncomingMessage & { _query?: { sid?: string } | undefined };

/** An engine.io server. */
export interface EngineServerInside {
  readonly opts: { transports: readonly string[]; allowRequest?: unknown; perMessageDeflate?: unknown };
  readonly middlewares?: readonly unknown[];
  readonly ws?: WebSocketServerInside;
  readonly clients: Record<string, EngineSocket>;
  clientsCount: number;
  generateId(request: unknown): string;
  /** Parses a request's query once. */
  prepare(request: EngineRequest): void;
}

/** A websocket transport during its construction. */
export interface NewWebSocketTransport {
  writable: boolean;
  perMessageDeflate: unknown;
  /** engine.io calls this after it has sent the last of several packets. */
  _onSentLast: (this: void, error?: Error | null) => void;
  send(packets: readonly { data?: unknown }[]): void;
}

/** Why a connection must use Socket.IO's own path instead of the fast path. */
export type Unsupported = "transport" | "upgrading" | "protocol" | "compression" | "internals";

export function engineServerInside(engine: EngineServer): EngineServerInside {
  return engine as unknown as EngineServerInside;
}

/** A connection whose pings the gateway sends. engine.io treats `heartbeat` as its two timers. */
export interface PingedSocket extends EngineSocket {
  readonly server: { readonly opts: { pingInterval: number; pingTimeout: number } };
  /** engine.io calls `refresh` of the first at each pong, and of the second when a packet comes while a pong is due. */
  pingIntervalTimer: Heartbeat | null;
  pingTimeoutTimer: Heartbeat | null;
  /** Whether a packet has already extended the wait for the pong. */
  hasRefreshedPingTimeout: boolean;
  sendPacket(type: "ping"): void;
}

/** Stands in for engine.io's timers of one connection. engine.io never needs it to be cleared. */
export interface Heartbeat {
  refresh(): void;
}

/** The class from which engine.io's `handshake` makes a connection. */
export const EngineSocketClass = EngineSocketOfPackage as unknown as new (
  id: string,
  engine: EngineServer,
  transport: NewWebSocketTransport,
  request: object,
  protocol: number,
) => PingedSocket & { schedulePing(): void };

/** The class from which engine.io makes the transport of a connection that begins as a WebSocket. */
export const WebSocketTransportClass = (
  transports as unknown as { websocket: new (request: object) => NewWebSocketTransport }
).websocket;

/** Replaces the request that engine.io keeps for the lifetime of the connection. */
export function replaceRequest(engineSocket: EngineSocket, request: Partial<EngineRequest>): void {
  Object.assign(engineSocket, { request });
}

/** Why the fast path must not touch this connection. Undefined when the connection is supported. */
export function unsupported({ transport, upgrading, protocol, writeBuffer }: EngineSocket): Unsupported | undefined {
  if (transport.name !== "websocket") return "transport";
  if (upgrading) return "upgrading";
  if (protocol !== 4) return "protocol";
  const webSocket = transport.socket;
  if (transport.perMessageDeflate || webSocket?.extensions !== "") return "compression";
  const isKnown =
    isUntouched(webSocket._sender, webSocket._socket) &&
    Array.isArray(writeBuffer) &&
    typeof transport.writable === "boolean";
  return isKnown ? undefined : "internals";
}
