import { z } from "zod";
import { reservedEvents } from "./server-events.ts";

/** The events that the gateway handles itself. The application cannot define an event with one of these names. */
export const builtInEvents = [
  "subscribe:case",
  "unsubscribe:case",
  "join_room",
  "leave_room",
  "send_message",
  "refresh_token",
] as const;

/** The form of the name of an event that the application defines. */
export const EVENT_NAME = /^[A-Za-z0-9_:.-]{1,64}$/;

/** Schema of the name of an event that the application sends to clients. */
export const sentEventName = z
  .string("must be a name")
  .regex(EVENT_NAME, "must be 1 to 64 letters, digits or _ : . - characters")
  .refine((name) => !reservedEvents.includes(name), "is the name of an event that only the gateway sends");

/** Whether the application must not define an event with this name. */
export function isReservedEvent(name: string): boolean {
  return (builtInEvents as readonly string[]).includes(name) || reservedEvents.includes(name);
}
