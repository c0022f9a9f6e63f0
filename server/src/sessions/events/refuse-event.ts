import type { Socket } from "socket.io";
import type { HandlerError } from "../../app-handlers/handler-answer.ts";
import type { Refusal } from "../../protocol/refusals.ts";

export type Ack = (answer: unknown) => void;

export interface RefusedClientEvent {
  /** Undefined when the name could not be read. */
  event: string | undefined;
  /** Undefined when the client asked for no ack. */
  ack: Ack | undefined;
  /** The form of a refusal in an ack. */
  style?: "status" | "success" | undefined;
}

/** Answers an event with a refusal, in its ack and as `error`. */
export function refuseEvent(
  socket: Socket,
  refusal: Refusal | HandlerError,
  { event, ack, style }: RefusedClientEvent,
): void {
  const { message, ...rest } = refusal;
  ack?.({ ...(style === "status" ? { status: "error" } : { success: false }), ...rest, error: message });
  socket.emit("error", { ...refusal, ...(event === undefined ? {} : { event: event.slice(0, 64) }) });
}
