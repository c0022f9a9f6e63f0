import type { z } from "zod";
import type { HandlerError } from "../app-handlers/handler-answer.ts";
import type { Identity } from "../auth/identity.ts";
import type { RoomAnswer } from "../ledger/ledger.ts";
import type { HookKind } from "../live-config/handler-entries.ts";
import type { RoomMessage, ServerEvents } from "../protocol/server-events.ts";
import { isRefusal, type Refusal } from "../protocol/refusals.ts";

/**
 * usual: kept for clients that return. once: also kept, and the message's id is computed from its key. volatile: not
 * kept, and dropped for members that cannot take it at that moment.
 */
export type SendManner = "usual" | "once" | "volatile";

/** A refusal of the application, with a code of its own. */
export class AppRefusal {
  readonly error: HandlerError;

  constructor(error: HandlerError) {
    this.error = error;
  }

  /** For metrics and traces, whose labels come from fixed lists. */
  get code(): "HANDLER" {
    return "HANDLER";
  }
}

/** What the application says about a decision of the gateway. */
export interface Decision {
  refusal: Refusal | AppRefusal | undefined;
  /** Applies the application's commands. Call it when the decision has taken effect. */
  apply(): Promise<void>;
}

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
  /**
   * Whether the other members know this member. They do not know a member that is in the room only because it
   * subscribed to a case.
   */
  isKnownIn(room: string): boolean;
  becomeKnownIn(room: string): void;
  /**
   * Takes a place in the room, then asks `confirm`, then joins. `permittedBy`: a room that a handler of the application
   * permitted stays open to a client that returns.
   */
  enter(
    room: string,
    permittedBy: "token" | "handler",
    confirm?: () => Promise<boolean>,
  ): Promise<RoomAnswer | "not confirmed">;
  /** Asks the application, if it takes part in this decision. */
  ask(hook: HookKind, data: () => object): Promise<Decision> | undefined;
  leave(room: string): Promise<{ participantCount: number }>;
  /** Sends to every member in the cluster, including this socket. */
  toRoom<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void;
  /** Sends to every member in the cluster except this socket. */
  toOthers<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void;
  /** Sends a message to every member of its room in the cluster, including this socket. */
  send(message: RoomMessage, manner: SendManner): void;
  /**
   * Whether this message with a key was sent before. If not, it counts as sent from now on, so the handler must send it
   * at once.
   */
  isRepetition(id: string): boolean | Promise<boolean>;
  /** Whether Redis has stored this message, or the last one sent in this turn; undefined when recovery is off. */
  stored(id?: string): Promise<boolean> | undefined;
  /** Announces the room's member count soon, instead of each join and leave. For large rooms. */
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

export type Answer = Reply | DeferredReply | Refusal | AppRefusal;

export function isRefused(answer: object): answer is Refusal | AppRefusal {
  return answer instanceof AppRefusal || isRefusal(answer);
}

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
