import type { Socket } from "socket.io";
import type { Identity } from "../auth/identity.ts";
import type { EventContext, EventHandler } from "../handlers/handler.ts";
import type { RoomAnswer } from "../limits/ledger.ts";
import { payloadProblem } from "../protocol/payload-problem.ts";
import { shapeProblem } from "../protocol/payload-bounds.ts";
import type { ServerEvents } from "../protocol/protocol.ts";
import { covers, isRoomOfCase } from "../protocol/rooms.ts";
import { isRefusal, refuse } from "../refusals.ts";
import type { Refusal } from "../refusals.ts";
import { REFUSED_EVENT, RefusedEvent } from "./bounded-parser.ts";
import type { Connection } from "./connection.ts";
import type { Parts } from "./parts.ts";
import type { RoomCounts } from "./room-counts.ts";

type Ack = (answer: unknown) => void;
export type SessionParts = Parts & { counts: RoomCounts };

/** From this many waiting events on the wire is not read; it is read again below half of it. */
const MAX_WAITING = 32;
/** What was read before the wire stood still, or came by polling, which has no wire to hold: beyond it the client is cut. */
const MOST_WAITING = 4_096;
/** Refused for their rate without one allowed between: this is no client in a hurry. */
const FLOOD = 2_000;

/** A client in one namespace: its events are handled one after another, each answered. */
export class SocketSession implements EventContext {
  readonly #parts: SessionParts;
  readonly #handlers: ReadonlyMap<string, EventHandler>;
  readonly #connection: Connection;
  readonly #socket: Socket;
  /** Cases entered by join_room: few clients do. */
  #knownInCases: Set<string> | undefined;
  #waiting: unknown[][] | undefined;
  #isBusy = false;
  #isHolding = false;

  constructor(parts: SessionParts, handlers: ReadonlyMap<string, EventHandler>, connection: Connection, socket: Socket) {
    this.#parts = parts;
    this.#handlers = handlers;
    this.#connection = connection;
    this.#socket = socket;
  }

  get socketId(): string {
    return this.#socket.id;
  }

  get identity(): Identity {
    return this.#connection.identity!;
  }

  nowMs(): number {
    return this.#parts.nowMs();
  }

  newId(): string {
    return this.#parts.newId();
  }

  isMember(room: string): boolean {
    return this.#socket.rooms.has(room);
  }

  mayEnter(room: string): boolean {
    return this.#parts.live.roomPolicy === "open" || covers(this.identity.rooms, room);
  }

  isKnownIn(room: string): boolean {
    return !isRoomOfCase(room) || this.#knownInCases?.has(room) === true;
  }

  becomeKnownIn(room: string): void {
    if (isRoomOfCase(room)) (this.#knownInCases ??= new Set()).add(room);
  }

  async enter(room: string): Promise<RoomAnswer> {
    const answer = await this.#parts.ledger.enterRoom(this.#entry(room));
    if (!answer.entered) return answer;
    // The client may have gone while the books were asked, and nobody would take the entry out again.
    if (this.#socket.connected) await this.#socket.join(room);
    else await this.#parts.ledger.leaveRoom(this.#entry(room));
    return answer;
  }

  async leave(room: string): Promise<{ participantCount: number }> {
    this.#knownInCases?.delete(room);
    await this.#socket.leave(room);
    return this.#parts.ledger.leaveRoom(this.#entry(room));
  }

  toRoom<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void {
    this.#socket.nsp.to(room).emit(event, ...args);
  }

  toOthers<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void {
    this.#socket.to(room).emit(event, ...args);
  }

  countChanged(room: string): void {
    this.#parts.counts.changed(this.#socket.nsp.name, room);
  }

  async renew(token: string): Promise<Identity | Refusal> {
    const { verify, ledger } = this.#parts;
    if (verify === undefined) return refuse("FORBIDDEN", { message: "tokens are not checked here" });
    const identity = await verify(token, this.nowMs());
    if (isRefusal(identity)) return identity;
    if (identity.userId !== this.identity.userId) return refuse("FORBIDDEN", { message: "the token is another user's" });
    if (ledger.isRevoked(identity)) return refuse("UNAUTHENTICATED", { message: "the token has been revoked" });
    this.#connection.identify(identity, this.nowMs());
    return identity;
  }

  /** Takes an event as Socket.IO hands it over: name, arguments, and the ack last where the client wants one. */
  receive(args: unknown[]): void {
    if (this.#isBusy) {
      const count = (this.#waiting ??= []).push(args);
      if (count >= MAX_WAITING) this.#hold();
      if (count > MOST_WAITING) this.#cutForFlood();
      return;
    }
    const pending = this.#handle(args);
    if (pending === undefined) return;
    this.#isBusy = true;
    void this.#work(pending);
  }

  /** What was sent but not looked at yet is dropped with the socket. */
  end(): void {
    this.#waiting = undefined;
    this.#letGo();
  }

  #hold(): void {
    if (this.#isHolding) return;
    this.#isHolding = true;
    this.#connection.hold();
  }

  #letGo(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.#connection.letGo();
  }

  #cutForFlood(): void {
    if (this.#connection.isClosing) return;
    this.#parts.metrics.closed.inc({ reason: "event flood" });
    this.#parts.logger.info({ user: this.identity.userId, socket: this.socketId }, "flooding client cut");
    this.#connection.cut();
  }

  async #work(first: Promise<void>): Promise<void> {
    await first;
    for (let next = this.#waiting?.shift(); next !== undefined; next = this.#waiting?.shift()) {
      if (this.#waiting!.length <= MAX_WAITING / 2) this.#letGo();
      await this.#handle(next);
    }
    this.#isBusy = false;
  }

  // Undefined when all is done already: events that need nothing of the books stay within the turn.
  #handle(args: unknown[]): Promise<void> | undefined {
    const startedAtMs = performance.now();
    const last = args.at(-1);
    const ack = typeof last === "function" ? (last as Ack) : undefined;
    const name = String(args[0]);
    const handler = this.#handlers.get(name);
    const finish = (answer: object): void => {
      if (isRefusal(answer)) this.#sayNo(answer, handler, args[1] instanceof RefusedEvent ? args[1].event : name, ack);
      else ack?.(answer);
      if (handler !== undefined) this.#parts.metrics.eventSeconds.observe({ event: name }, (performance.now() - startedAtMs) / 1000);
    };
    const fail = (error: unknown): void => {
      this.#parts.logger.error({ err: error, event: name, socket: this.socketId }, "event handler failed");
      finish(refuse("INTERNAL"));
    };
    try {
      const answer = this.#answer(handler, args, ack === undefined ? args.length : args.length - 1);
      if (answer instanceof Promise) return answer.then(finish, fail);
      finish(answer);
    } catch (error) {
      fail(error);
    }
    return undefined;
  }

  #answer(handler: EventHandler | undefined, args: unknown[], count: number): object | Promise<object> {
    const allowance = this.#parts.ledger.takeEvent(this.identity.userId, this.nowMs());
    if (allowance instanceof Promise) return allowance.then((late) => this.#afterRate(late, handler, args, count));
    return this.#afterRate(allowance, handler, args, count);
  }

  #afterRate(
    allowance: { allowed: true } | { allowed: false; retryAfterMs: number },
    handler: EventHandler | undefined,
    args: unknown[],
    count: number,
  ): object | Promise<object> {
    if (!allowance.allowed) {
      this.#connection.refusedInARow += 1;
      if (this.#connection.refusedInARow > FLOOD) this.#cutForFlood();
      return refuse("RATE_LIMIT_EXCEEDED", { retryAfterMs: allowance.retryAfterMs });
    }
    this.#connection.refusedInARow = 0;
    if (args[0] === REFUSED_EVENT && args[1] instanceof RefusedEvent) return args[1].refusal;
    if (handler === undefined) return refuse("UNKNOWN_EVENT", { message: `there is no event ${JSON.stringify(String(args[0]).slice(0, 64))}` });
    if (count !== 2) return refuse("INVALID_INPUT", { message: "the event takes one payload object" });
    const shape = shapeProblem(args[1]);
    if (shape !== undefined) return refuse("INVALID_INPUT", { message: shape });
    const payload = handler.schema.safeParse(args[1]);
    if (!payload.success) return refuse("INVALID_INPUT", { message: payloadProblem(payload.error) });
    return handler.handle(this, payload.data);
  }

  #sayNo(refusal: Refusal, handler: EventHandler | undefined, event: string | undefined, ack: Ack | undefined): void {
    this.#parts.metrics.refusals.inc({ code: refusal.code, at: "event" });
    const { message, ...rest } = refusal;
    const style = (handler ?? this.#handlers.get(event ?? ""))?.ackStyle;
    ack?.({ ...(style === "status" ? { status: "error" } : { success: false }), ...rest, error: message });
    this.#socket.emit("error", { ...refusal, ...(event === undefined ? {} : { event: event.slice(0, 64) }) });
  }

  #entry(room: string): { socketId: string; userId: string; namespace: string; room: string } {
    return { socketId: this.socketId, userId: this.identity.userId, namespace: this.#socket.nsp.name, room };
  }
}
