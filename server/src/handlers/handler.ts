import type { z } from "zod";
import type { HandlerError } from "../app-handlers/handler-answer.ts";
import type { Identity } from "../auth/identity.ts";
import type { RoomAnswer } from "../ledger/ledger.ts";
import type { HookKind } from "../live-config/handler-entries.ts";
import type { RoomMessage, ServerEvents } from "../protocol/server-events.ts";
import { isRefusal, type Refusal } from "../protocol/refusals.ts";

/**
 * How a message is sent. usual: recovery stores it for clients that return. once: the same, for a message with an
 * idempotency key, from which its id is computed. volatile: it is not stored, and is dropped for members to which it
 * cannot be written at once.
 */
export type SendManner = "usual" | "once" | "volatile";

/** A refusal by the application. Its code is the application's own. */
export class AppRefusal {
  readonly error: HandlerError;

  constructor(error: HandlerError) {
    this.error = error;
  }

  /** The code in metrics and traces, where labels come from fixed lists. */
  get code(): "HANDLER" {
    return "HANDLER";
  }
}

/** The application's answer when the gateway asks it about a decision. */
export interface Decision {
  refusal: Refusal | AppRefusal | undefined;
  /** Applies the commands of the application's answer. Must be called after the decision has taken effect. */
  apply(): Promise<void>;
}

/** What an event handler can read and do. It never gets the socket itself. */
export interface EventContext {
  readonly socketId: string;
  readonly namespace: string;
  readonly identity: Identity;
  nowMs(): number;
  /** Creates a unique id for a message. */
  newId(): string;
  isMember(room: string): boolean;
  /** Whether the token or the room policy allows the client to enter this room. */
  mayEnter(room: string): boolean;
  /**
   * Whether the other members were told about this member. They were not if it is in the room only because it
   * subscribed to a case.
   */
  isKnownIn(room: string): boolean;
  becomeKnownIn(room: string): void;
  /**
   * Adds the client to the room in the ledger, then calls `confirm`, then joins the room. `permittedBy`: if a handler
   * of the application admitted the client to the room, a returning client can enter the room again even if its token
   * does not list it.
   */
  enter(
    room: string,
    permittedBy: "token" | "handler",
    confirm?: () => Promise<boolean>,
  ): Promise<RoomAnswer | "not confirmed">;
  /** Asks the application about a decision. Undefined if it does not take part in decisions of this kind. */
  ask(hook: HookKind, data: () => object): Promise<Decision> | undefined;
  leave(room: string): Promise<{ participantCount: number }>;
  /** Sends to all members of the room in the cluster, this socket included. */
  toRoom<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void;
  /** Sends to all members of the room in the cluster except this socket. */
  toOthers<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void;
  /** Sends a message to all members of its room in the cluster, this socket included. */
  send(message: RoomMessage, manner: SendManner): void;
  /**
   * Whether the message with this id (computed from an idempotency key) was sent before. If it was not, it counts as
   * sent from now on, and the handler must send it at once.
   */
  isRepetition(id: string): boolean | Promise<boolean>;
  /**
   * Resolves to whether Redis has stored the message with this id; without id, the message that was sent last. Must be
   * called directly after sending. Undefined when recovery is off.
   */
  stored(id?: string): Promise<boolean> | undefined;
  /** Whether the bus is down, so that only clients of this gateway get what is sent now. */
  isOnlyHere(): boolean;
  /**
   * Announces the room's member count soon. Used for large rooms, in which single joins and leaves are not announced.
   */
  countChanged(room: string): void;
  /** The connection now expires when this token does. The token must be of the same user. */
  renew(token: string): Promise<Identity | Refusal>;
}

export type Reply = Readonly<Record<string, unknown>>;

/**
 * A reply that is sent later, for an event that has already taken effect. The client's next events do not wait for it.
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

/**
 * An event that clients send: its name, the schema of its payload, and what it does. Each must also be listed in
 * handlers.ts.
 */
export interface EventHandler<P = unknown> {
  event: string;
  /** One sentence about the event, for docs/protocol.md. */
  summary: string;
  schema: z.ZodType<P>;
  /** Whether a refusal in an ack is {status: "error", ...} or {success: false, ...}. */
  ackStyle: "status" | "success";
  handle(context: EventContext, payload: P): Answer | Promise<Answer>;
}

/** Returns the handler unchanged. TypeScript infers the type of the payload from the schema. */
export function eventHandler<P>(handler: EventHandler<P>): EventHandler<P> {
  return handler;
}
