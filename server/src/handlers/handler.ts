import type { z } from "zod";
import type { Identity } from "../auth/identity.ts";
import type { RoomAnswer } from "../ledger/ledger.ts";
import type { RoomMessage, ServerEvents } from "../protocol/server-events.ts";
import type { Refusal } from "../protocol/refusals.ts";

/**
 * usual: kept for clients that return. once: so is this, and its id follows from a key. volatile: not kept, and dropped
 * for members that cannot take it at that moment.
 */
export type SendManner = "usual" | "once" | "volatile";

/** What a handler may see and do. It never gets the socket itself. */
export interface EventContext {
  readonly socketId: string;
  readonly namespace: string;
  readonly identity: Identity;
  nowMs(): number;
  /** A new unique id for a message. */
  newId(): string;
  isMember(room: string): boolean;
  /** Whether the token or the current room policy allows this room. */
  mayEnter(room: string): boolean;
  /** Whether the other members know this member. They do not know a member that only subscribed to a case. */
  isKnownIn(room: string): boolean;
  becomeKnownIn(room: string): void;
  /** `permittedBy`: a room that a handler of the application permitted stays open to a client that returns. */
  enter(room: string, permittedBy: "token" | "handler"): Promise<RoomAnswer>;
  leave(room: string): Promise<{ participantCount: number }>;
  /** Sends to every member in the cluster, including this socket. */
  toRoom<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void;
  /** Sends to every member in the cluster except this socket. */
  toOthers<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void;
  /** Sends a message to every member of its room in the cluster, including this socket. */
  send(message: RoomMessage, manner: SendManner): void;
  /** Whether this message with a key was sent before. If not, it counts as sent: the handler must send it at once. */
  isRepetition(id: string): boolean | Promise<boolean>;
  /** Whether Redis has stored this message, or the last one sent in this turn; undefined when recovery is off. */
  stored(id?: string): Promise<boolean> | undefined;
  /** Announces the room's member count soon instead of each join and leave: for large rooms. */
  countChanged(room: string): void;
  /** Sets the expiry of the connection to that of this token. The token's user must be the same. */
  renew(token: string): Promise<Identity | Refusal>;
}

export type Reply = Readonly<Record<string, unknown>>;

/**
 * A reply that comes later, for an event that has already taken effect. The client's next events do not wait for it.
 */
export class DeferredReply {
  readonly reply: Promise<Reply>;

  constructor(reply: Promise<Reply>) {
    this.reply = reply;
  }
}

export type Answer = Reply | DeferredReply | Refusal;

/** An event that clients send: its name, payload schema and handler. A new one must also be listed in handlers.ts. */
export interface EventHandler<P = unknown> {
  event: string;
  /** One sentence for docs/protocol.md. */
  summary: string;
  schema: z.ZodType<P>;
  /** The form of a refusal in an ack: {status: "error", ...} or {success: false, ...}. */
  ackStyle: "status" | "success";
  handle(context: EventContext, payload: P): Answer | Promise<Answer>;
}

/** Infers the payload's type from the schema. */
export function eventHandler<P>(handler: EventHandler<P>): EventHandler<P> {
  return handler;
}
