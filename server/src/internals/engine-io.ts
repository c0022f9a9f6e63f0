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
  /** Packets that engine.io has not passed to the transport yet. New packets must be sent after them. */
  readonly writeBuffer: { data?: unknown; options?: { wsPreEncodedFrame?: Buffer[] } }[];
  close(discard?: boolean): void;
  /** Closes the connection at once, even while its transport waits for the client. */
  onClose(reason: "forced close" | "ping timeout"): void;
  once(event: "close", listener: (reason: string) => void): unknown;
  /** "heartbeat": the client has answered a ping. */
  once(event: "heartbeat", listener: () => void): unknown;
  off(event: "close" | "heartbeat", listener: () => void): unknown;
  /** A client answers every ping with a pong, also over polling and before its next ping is due. */
  sendPacket(type: "ping"): void;
}

export interface EngineTransport {
  readonly name: string;
  /**
   * False after a send until its bytes are written. engine.io then emits "ready" and sends the packets in its buffer.
   */
  writable: boolean;
  readonly perMessageDeflate?: unknown;
  /** The WebSocket, if the transport is a websocket transport. */
  readonly socket?: WebSocketInside;
  emit(event: "ready"): boolean;
}

/** A request after engine.io has parsed its query. */
export type EngineRequest = IncomingMessage & { _query?: { sid?: string } | undefined };

/** The members of an engine.io server that the gateway uses. */
export interface EngineServerInside {
  readonly opts: { transports: readonly string[]; allowRequest?: unknown; perMessageDeflate?: unknown };
  readonly middlewares?: readonly unknown[];
  readonly ws?: WebSocketServerInside;
  readonly clients: Record<string, EngineSocket>;
  clientsCount: number;
  generateId(request: unknown): string;
  /** Parses the query of a request. A second call does nothing. */
  prepare(request: EngineRequest): void;
}

/** A websocket transport while it is being constructed. */
export interface NewWebSocketTransport {
  writable: boolean;
  perMessageDeflate: unknown;
  /** engine.io passes this to the last write of several packets. It is called when the write is done. */
  _onSentLast: (this: void, error?: Error | null) => void;
  send(packets: readonly { data?: unknown }[]): void;
}

/** Why the fast path does not support a connection, so that Socket.IO's own code must send. */
export type Unsupported = "transport" | "upgrading" | "protocol" | "compression" | "internals";

export function engineServerInside(engine: EngineServer): EngineServerInside {
  return engine as unknown as EngineServerInside;
}

/**
 * A connection to which the gateway itself sends the pings. The two timer fields have a `Heartbeat` instead of timers.
 */
export interface PingedSocket extends EngineSocket {
  readonly server: { readonly opts: { pingInterval: number; pingTimeout: number } };
  /**
   * When engine.io gets a pong, it calls `refresh` of `pingIntervalTimer`. When it gets a packet while a pong is due,
   * it calls `refresh` of `pingTimeoutTimer`.
   */
  pingIntervalTimer: Heartbeat | null;
  pingTimeoutTimer: Heartbeat | null;
  /** Whether a packet has already extended the time for the pong. */
  hasRefreshedPingTimeout: boolean;
}

/**
 * Takes the place of engine.io's two ping timers of one connection. engine.io cannot clear it;
 * connections/heartbeats.ts removes it when the connection has closed.
 */
export interface Heartbeat {
  refresh(): void;
}

/** The class from which engine.io's `handshake` creates a connection. */
export const EngineSocketClass = EngineSocketOfPackage as unknown as new (
  id: string,
  engine: EngineServer,
  transport: NewWebSocketTransport,
  request: object,
  protocol: number,
) => PingedSocket & { schedulePing(): void };

/** The class from which engine.io creates the transport of a connection that begins as a WebSocket. */
export const WebSocketTransportClass = (
  transports as unknown as { websocket: new (request: object) => NewWebSocketTransport }
).websocket;

/** Replaces the request that engine.io keeps as long as the connection exists. */
export function replaceRequest(engineSocket: EngineSocket, request: Partial<EngineRequest>): void {
  Object.assign(engineSocket, { request });
}

/** Why the fast path must not touch this connection. Undefined if the connection is supported. */
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
