/** A client as the gateway describes it. `user` and `claims` come from its verified token. */
export interface Caller {
  readonly user: string;
  /** The rooms that the client is in. */
  readonly rooms: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
  /** The client's session: it stays the same when the client reconnects and is recovered. Empty in `connect`. */
  readonly sessionId: string;
  readonly socketId: string;
  /** The Socket.IO namespace. */
  readonly namespace: string;
  /** Headers of the handshake. The client chooses them: never use one to decide what a client is allowed. */
  readonly headers: Readonly<Record<string, string>>;
}

export type HookName = "connect" | "join" | "publish" | "gone";

/** What the gateway asks. docs/handlers.md describes each field. */
export interface HandlerRequest extends Partial<Caller> {
  readonly version: number;
  readonly id: string;
  readonly kind: string;
  readonly cluster: string;
  readonly event?: string;
  readonly data: unknown;
  readonly ack?: boolean;
}

export type Command =
  | { join: string }
  | { leave: string }
  | { emit: [event: string, data?: unknown] }
  | { publish: { room: string; event: string; data?: unknown; exceptSender?: boolean; volatile?: boolean } }
  | { disconnect: { reconnect: boolean } };

/** What the gateway does and what the client gets. */
export interface HandlerAnswer {
  ack?: unknown;
  error?: { code: string; message: string; retryAfter?: number };
  do?: Command[];
}

/** A session that has ended. */
export interface GoneSession {
  readonly user: string;
  readonly sessionId: string;
  readonly socketId: string;
  readonly namespace: string;
  readonly rooms: readonly string[];
  /** timeout, left, ended or replaced. */
  readonly reason: string;
  /** When the client disconnected, as in 2026-11-30T14:00:00.000Z. */
  readonly at: string;
}
