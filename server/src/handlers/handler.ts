import type { z } from "zod";
import type { Identity } from "../auth/identity.ts";
import type { RoomAnswer } from "../ledger/ledger.ts";
import type { ServerEvents } from "../protocol/server-events.ts";
import type { Refusal } from "../protocol/refusals.ts";

/** What a handler may see and do; never the socket itself. */
export interface EventContext {
  readonly socketId: string;
  readonly identity: Identity;
  nowMs(): number;
  /** A new unique id for a message. */
  newId(): string;
  isMember(room: string): boolean;
  /** Whether the token, or the room policy in force, opens this room. */
  mayEnter(room: string): boolean;
  /** Whether the others in a room have been told of this member: not where it has only subscribed to a case. */
  isKnownIn(room: string): boolean;
  becomeKnownIn(room: string): void;
  enter(room: string): Promise<RoomAnswer>;
  leave(room: string): Promise<{ participantCount: number }>;
  /** To every member in the cluster, this socket included. */
  toRoom<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void;
  /** To every member in the cluster but this socket. */
  toOthers<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void;
  /** Whether Redis has stored the message that was sent last in this turn; undefined where recovery is off. */
  stored(): Promise<boolean> | undefined;
  /** Has the room's members told their count soon, in place of who came or went: for large rooms. */
  countChanged(room: string): void;
  /** Makes the connection live as long as this token; its user must be the same. */
  renew(token: string): Promise<Identity | Refusal>;
}

export type Reply = Readonly<Record<string, unknown>>;

/**
 * An event that clients send: its name, what its payload must be, and what happens. Adding one touches handlers.ts
 * besides.
 */
export interface EventHandler<P = unknown> {
  event: string;
  /** One sentence for docs/protocol.md. */
  summary: string;
  schema: z.ZodType<P>;
  /** How an ack says no: {status: "error", ...} or {success: false, ...}. */
  ackStyle: "status" | "success";
  handle(context: EventContext, payload: P): Reply | Refusal | Promise<Reply | Refusal>;
}

/** Infers the payload's type from the schema. */
export function eventHandler<P>(handler: EventHandler<P>): EventHandler<P> {
  return handler;
}
