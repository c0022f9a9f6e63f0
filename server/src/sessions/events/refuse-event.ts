import type { Socket } from "socket.io";
import type { HandlerError } from "../../app-handlers/handler-answer.ts";
import type { Refusal } from "../../protocol/refusals.ts";

export type Ack = (answer: unknown) => void;

export interface RefusedClientEvent {
  /** The event's name. Undefined if it could not be read. */
  event: string | undefined;
  /** Sends the ack. Undefined if the client asked for none. */
  ack: Ack | undefined;
  /** The field of the ack that says that the event failed: `status: "error"`, or `success: false` (the default). */
  style?: "status" | "success" | undefined;
}

/** Sends a refusal to the client as the ack of its event, and as the event `error`. */
export function refuseEvent(
  socket: Socket,
  refusal: Refusal | HandlerError,
  { event, ack, style }: RefusedClientEvent,
): void {
  const { message, ...rest } = refusal;
  ack?.({ ...(style === "status" ? { status: "error" } : { success: false }), ...rest, error: message });
  socket.emit("error", { ...refusal, ...(event === undefined ? {} : { event: event.slice(0, 64) }) });
}
