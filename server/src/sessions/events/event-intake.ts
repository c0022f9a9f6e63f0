import type { Socket } from "socket.io";
import { AppRefusal, DeferredReply, type EventHandler } from "../../handlers/handler.ts";
import { handlers } from "../../handlers/handlers.ts";
import type { RateAnswer, RateLedger } from "../../ledger/ledger.ts";
import { payloadProblem } from "../../protocol/payload-problem.ts";
import { shapeProblem } from "../../protocol/payload-bounds.ts";
import { isRefusal, refuse, type Refusal } from "../../protocol/refusals.ts";
import { AppEvents, SENT_TO_HANDLER, type AppEventDeps } from "./app-events.ts";
import { REFUSED_EVENT, RefusedEvent } from "../bounded-parser.ts";
import { refuseEvent, type Ack } from "./refuse-event.ts";
import type { SocketSession } from "../socket-session.ts";
import type { Connection } from "../../connections/connection.ts";
import type { GatewayDeps } from "../../deps.ts";

export type IntakeDeps = AppEventDeps & Pick<GatewayDeps, "nowMs"> & { ledger: RateLedger };

/**
 * At this number of waiting events the gateway stops reading from the client. It reads again when half of them have
 * been handled.
 */
const MAX_WAITING = 32;
/**
 * With more waiting events than this, the client is disconnected. So many wait only if they arrived before the gateway
 * stopped reading, or over polling, where it cannot stop reading.
 */
const MOST_WAITING = 4_096;
/**
 * A client is disconnected when more than this number of its events in a row were refused because of the rate limit.
 * Only an attacker sends so many.
 */
const FLOOD = 2_000;
/**
 * While more than this number of deferred replies are due, the client's next events wait. Each deferred reply needs
 * memory and a timer.
 */
const MOST_DEFERRED = 256;

const byName: ReadonlyMap<string, EventHandler> = new Map(handlers.map((handler) => [handler.event, handler]));

/**
 * The events of one client in one namespace. It counts them against the rate limit, checks them, calls their handlers,
 * and answers them, one after another.
 */
export class EventIntake {
  readonly #deps: IntakeDeps;
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #context: SocketSession;
  #appEvents: AppEvents | undefined;
  #waiting: unknown[][] | undefined;
  #isBusy = false;
  #isHolding = false;
  #deferred = 0;

  constructor(deps: IntakeDeps, connection: Connection, socket: Socket, context: SocketSession) {
    this.#deps = deps;
    this.#connection = connection;
    this.#socket = socket;
    this.#context = context;
  }

  /**
   * Receives an event as Socket.IO passes it: the name, the arguments, and the ack function if the client asks for an
   * answer.
   */
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

  /** Drops the waiting events. Called when the socket has disconnected. */
  end(): void {
    this.#waiting = undefined;
    this.#releaseHold();
  }

  #hold(): void {
    if (this.#isHolding) return;
    this.#isHolding = true;
    this.#connection.hold();
  }

  #releaseHold(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.#connection.releaseHold();
  }

  #cutForFlood(): void {
    if (this.#connection.isClosing) return;
    this.#deps.logger.info(
      { user: this.#connection.identity?.userId, socket: this.#socket.id },
      "flooding client disconnected",
    );
    this.#connection.close("EVENT_FLOOD");
  }

  async #work(first: Promise<void>): Promise<void> {
    await first;
    for (let next = this.#waiting?.shift(); next !== undefined; next = this.#waiting?.shift()) {
      if (this.#waiting!.length <= MAX_WAITING / 2) this.#releaseHold();
      await this.#handle(next);
    }
    this.#isBusy = false;
  }

  // Handles an event. Returns undefined if it is finished already: an event that needs no answer of Redis or the
  // application is handled synchronously.
  #handle(args: unknown[]): Promise<void> | undefined {
    const startedAtMs = performance.now();
    const last = args.at(-1);
    const ack = typeof last === "function" ? (last as Ack) : undefined;
    const name = String(args[0]);
    const handler = byName.get(name);
    const finish = (answer: object): void | Promise<void> => {
      if (answer === SENT_TO_HANDLER) return;
      if (answer instanceof DeferredReply) return this.#defer(answer.reply.then(finish, fail));
      if (answer instanceof AppRefusal) this.#refuseForApp(answer, handler, name, ack);
      else if (isRefusal(answer))
        this.#refuse(answer, handler, args[1] instanceof RefusedEvent ? args[1].event : name, ack);
      else ack?.(answer);
      if (handler !== undefined)
        this.#deps.metrics.eventSeconds.observe({ event: name }, (performance.now() - startedAtMs) / 1000);
    };
    const fail = (error: unknown): void | Promise<void> => {
      this.#deps.logger.error({ err: error, event: name, socket: this.#socket.id }, "event handler failed");
      return finish(refuse("INTERNAL"));
    };
    try {
      const answer = this.#answer(handler, args, ack === undefined ? args.length : args.length - 1);
      return (answer instanceof Promise ? answer.then(finish, fail) : finish(answer)) ?? undefined;
    } catch (error) {
      return fail(error) ?? undefined;
    }
  }

  /** Notes a deferred reply. Returns a promise if the next events must wait for the reply. */
  #defer(replying: Promise<void>): Promise<void> | undefined {
    this.#deferred += 1;
    const done = replying.finally(() => (this.#deferred -= 1));
    return this.#deferred > MOST_DEFERRED ? done : undefined;
  }

  #answer(handler: EventHandler | undefined, args: unknown[], count: number): object | Promise<object> {
    const allowance = this.#deps.ledger.takeEvent(this.#connection.identity!.userId, this.#deps.nowMs());
    if (allowance instanceof Promise) return allowance.then((late) => this.#afterRate(late, handler, args, count));
    return this.#afterRate(allowance, handler, args, count);
  }

  #afterRate(
    allowance: RateAnswer,
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
    if (handler === undefined) return this.#sendToHandler(args, count) ?? unknownEvent(args[0]);
    if (count !== 2) return refuse("INVALID_INPUT", { message: "the event takes one payload object" });
    const shape = shapeProblem(args[1]);
    if (shape !== undefined) return refuse("INVALID_INPUT", { message: shape });
    const payload = handler.schema.safeParse(args[1]);
    if (!payload.success) return refuse("INVALID_INPUT", { message: payloadProblem(payload.error) });
    return handler.handle(this.#context, payload.data);
  }

  #sendToHandler([name, ...rest]: unknown[], count: number): object | undefined {
    if (typeof name !== "string") return undefined;
    this.#appEvents ??= new AppEvents(this.#deps, this.#connection, this.#socket, this.#context);
    return this.#appEvents.receive(name, rest.slice(0, count - 1), rest[count - 1] as Ack | undefined);
  }

  #refuseForApp({ error }: AppRefusal, handler: EventHandler | undefined, event: string, ack: Ack | undefined): void {
    this.#deps.metrics.refusals.inc({ code: "HANDLER", at: "event" });
    refuseEvent(this.#socket, error, { event, ack, style: handler?.ackStyle });
  }

  #refuse(refusal: Refusal, handler: EventHandler | undefined, event: string | undefined, ack: Ack | undefined): void {
    this.#deps.metrics.refusals.inc({ code: refusal.code, at: "event" });
    const style = (handler ?? byName.get(event ?? ""))?.ackStyle;
    refuseEvent(this.#socket, refusal, { event, ack, style });
  }
}

function unknownEvent(name: unknown): Refusal {
  return refuse("UNKNOWN_EVENT", { message: `there is no event ${JSON.stringify(String(name).slice(0, 64))}` });
}
