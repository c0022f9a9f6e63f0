// Undocumented members of engine.io 6.6.
import type { IncomingMessage } from "node:http";
import { Socket as EngineSocketOfPackage, transports, type Server as EngineServer } from "engine.io";
import { isUntouched, type WebSocketInside, type WebSocketServerInside } from "./ws.ts";

/** The connection that a client's namespaces share. */
export interface EngineSocket {
  readonly id: string;
  readonly readyState: string;
  readonly protocol: number;
  readonly upgrading: boolean;
  readonly transport: EngineTransport;
  readonly request: IncomingMessage;
  /** Packets not yet handed to the transport: what is sent must go after them. */
  readonly writeBuffer: { data?: unknown; options?: { wsPreEncodedFrame?: Buffer[] } }[];
  close(discard?: boolean): void;
  /** Closed from now on, whatever its transport waits for. */
  onClose(reason: "forced close"): void;
  once(event: "close", listener: (reason: string) => void): unknown;
}

export interface EngineTransport {
  readonly name: string;
  /** False from a send until its bytes have left; engine.io flushes on "ready". */
  writable: boolean;
  readonly perMessageDeflate?: unknown;
  /** The WebSocket of a websocket transport. */
  readonly socket?: WebSocketInside;
  emit(event: "ready"): boolean;
}

/** A request of which engine.io has read the query. */
export type EngineRequest = IncomingMessage & { _query?: { sid?: string } | undefined };

/** A server of engine.io. */
export interface EngineServerInside {
  readonly opts: { transports: readonly string[]; allowRequest?: unknown; perMessageDeflate?: unknown };
  readonly middlewares?: readonly unknown[];
  readonly ws?: WebSocketServerInside;
  readonly clients: Record<string, EngineSocket>;
  clientsCount: number;
  generateId(request: unknown): string;
  /** Reads a request's query, once. */
  prepare(request: EngineRequest): void;
}

/** A websocket transport while it is made. */
export interface NewWebSocketTransport {
  writable: boolean;
  perMessageDeflate: unknown;
  /** What engine.io has called when the last of some packets has been sent. */
  _onSentLast: (this: void, error?: Error | null) => void;
  send(packets: readonly { data?: unknown }[]): void;
}

/** Why a connection takes the ordinary path. */
export type Unsupported = "transport" | "upgrading" | "protocol" | "compression" | "internals";

export function engineServerInside(engine: EngineServer): EngineServerInside {
  return engine as unknown as EngineServerInside;
}

/** How engine.io's `handshake` makes a connection. */
export const EngineSocketClass = EngineSocketOfPackage as unknown as new (
  id: string,
  engine: EngineServer,
  transport: NewWebSocketTransport,
  request: object,
  protocol: number,
) => EngineSocket;

/** How it makes the transport of one that begins as a WebSocket. */
export const WebSocketTransportClass = (
  transports as unknown as { websocket: new (request: object) => NewWebSocketTransport }
).websocket;

/** Puts another request in the place of the one that engine.io keeps as long as the connection lives. */
export function replaceRequest(engineSocket: EngineSocket, request: Partial<EngineRequest>): void {
  Object.assign(engineSocket, { request });
}

/** Why the fast path must leave this connection alone, or undefined where it knows everything it touches. */
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
