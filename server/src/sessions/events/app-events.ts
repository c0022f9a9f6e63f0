import type { Socket } from "socket.io";
import { applyCommands, type Applied } from "../../app-handlers/apply-commands.ts";
import type { HandlerAnswer } from "../../app-handlers/handler-answer.ts";
import type { Channel } from "../../app-handlers/channel.ts";
import type { Connection } from "../../connections/connection.ts";
import type { GatewayDeps } from "../../deps.ts";
import { shapeProblem } from "../../protocol/payload-bounds.ts";
import { refuse, type Refusal } from "../../protocol/refusals.ts";
import { refusalOf } from "./app-hooks.ts";
import { refuseEvent, type Ack } from "./refuse-event.ts";
import type { SocketSession } from "../socket-session.ts";

export type AppEventDeps = Pick<GatewayDeps, "appHandlers" | "metrics" | "logger" | "newId">;

/** `receive` returns this for an event that was sent to a handler. The handler's answer comes later. */
export const SENT_TO_HANDLER = {};
/** The ack of an event whose handler returned no ack. */
const DONE = { success: true };

interface Sent {
  event: string;
  payload: unknown;
  ack: Ack | undefined;
}

/**
 * The events of one client that handlers of the application answer. The client's other events do not wait for these
 * answers.
 */
export class AppEvents {
  readonly #deps: AppEventDeps;
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #session: SocketSession;

  constructor(deps: AppEventDeps, connection: Connection, socket: Socket, session: SocketSession) {
    this.#connection = connection;
    this.#deps = deps;
    this.#socket = socket;
    this.#session = session;
  }

  /** Sends an event to its handler. Returns undefined if no handler handles this event. */
  receive(event: string, args: readonly unknown[], ack: Ack | undefined): Refusal | object | undefined {
    const channel = this.#deps.appHandlers.channelOf(event);
    if (channel === undefined) return undefined;
    if (args.length > 1) return refuse("INVALID_INPUT", { message: "the event takes at most one payload" });
    const [payload = null] = args;
    const problem = shapeProblem(payload, { bytes: "refused" });
    if (problem !== undefined) return refuse("INVALID_INPUT", { message: problem });
    void this.#send(channel, { event, payload, ack }).catch((error: unknown) =>
      this.#deps.logger.error({ err: error, handler: channel.entry.name }, "event handler failed"),
    );
    return SENT_TO_HANDLER;
  }

  async #send(channel: Channel, { event, payload, ack }: Sent): Promise<void> {
    const session = this.#session;
    const id = this.#deps.newId();
    this.#connection.handlerRequests += 1;
    const sending = channel.send({
      ...{ id, kind: "event", event, payload, ack: ack !== undefined },
      ...{ orderKey: session, caller: session.caller(), rooms: () => session.roomNames() },
    });
    const outcome = await sending.finally(() => (this.#connection.handlerRequests -= 1));
    if ("failure" in outcome) return this.#refuse(refusalOf(outcome.failure, channel.entry.name), { event, ack });
    const { answer } = outcome;
    // The connection that sent the event has ended, so no client waits for the ack. Apply the commands where the client
    // is connected now.
    if (!this.#socket.connected) return session.deliver(id, answer.commands);
    const applied = answer.commands.length === 0 ? {} : await applyCommands(session, answer.commands);
    this.#conclude(answer, applied, { event, ack });
  }

  #conclude(
    { ack: given, error }: HandlerAnswer,
    { refusal, disconnect }: Applied,
    { event, ack }: Omit<Sent, "payload">,
  ): void {
    if (error !== undefined) {
      this.#deps.metrics.refusals.inc({ code: "HANDLER", at: "event" });
      refuseEvent(this.#socket, error, { event, ack: this.#live(ack) });
    } else if (refusal !== undefined) this.#refuse(refusal, { event, ack });
    else this.#live(ack)?.(given === undefined ? DONE : given);
    if (disconnect !== undefined) this.#session.disconnect(disconnect);
  }

  #refuse(refusal: Refusal, { event, ack }: Omit<Sent, "payload">): void {
    this.#deps.metrics.refusals.inc({ code: refusal.code, at: "event" });
    refuseEvent(this.#socket, refusal, { event, ack: this.#live(ack) });
  }

  /** The ack. A client that has disconnected no longer waits for it. */
  #live(ack: Ack | undefined): Ack | undefined {
    return this.#socket.connected ? ack : undefined;
  }
}
