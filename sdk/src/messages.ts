/** A client, as the gateway describes it to a handler. `user` and `claims` come from the client's verified token. */
export interface Caller {
  readonly user: string;
  /** The rooms of which the client is a member. */
  readonly rooms: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
  /**
   * The id of the client's session. It stays the same when the client reconnects and is recovered. Empty in the hook
   * `connect`.
   */
  readonly sessionId: string;
  readonly socketId: string;
  /** The Socket.IO namespace. */
  readonly namespace: string;
  /**
   * HTTP headers of the handshake. The client chooses their values, so never use them to decide what a client is
   * allowed to do.
   */
  readonly headers: Readonly<Record<string, string>>;
}

export type HookName = "connect" | "join" | "publish" | "gone";

/** A request of the gateway. docs/handlers.md describes each field. */
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

/** The answer to a request: what the gateway must do, and what the client gets. */
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
  /** Why the session ended: timeout, left, ended or replaced (docs/handlers.md). */
  readonly reason: string;
  /** When the client disconnected, for example 2026-11-30T14:00:00.000Z. */
  readonly at: string;
}
