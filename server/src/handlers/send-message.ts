import * as z from "zod";
import { roomName } from "../protocol/rooms.ts";
import { refuse } from "../protocol/refusals.ts";
import { DeferredReply, eventHandler, type Answer } from "./handler.ts";

export const sendMessage = eventHandler({
  event: "send_message",
  summary: "Send to every member of a room, oneself included; the sender must be a member.",
  schema: z.strictObject({
    room: roomName,
    message: z
      .unknown()
      .refine((message) => message !== undefined && message !== null && message !== "", "must be given"),
  }),
  ackStyle: "success",
  handle(context, { room, message }) {
    if (!context.isMember(room)) return refuse("NOT_IN_ROOM", { message: notInRoom(room) });
    const id = context.newId();
    context.toRoom(room, "message", {
      id,
      from: context.socketId,
      userId: context.identity.userId,
      room,
      message,
      timestamp: new Date(context.nowMs()).toISOString(),
    });
    return sent(id, context.stored());
  },
});

/** Names the room: a client with several messages under way sees which of them to repeat. */
function notInRoom(room: string): string {
  return `the client is not in the room ${room}: join it first, then send again`;
}

/** The message has been delivered here, so only its own ack waits for Redis. */
function sent(id: string, storing: Promise<boolean> | undefined): Answer {
  if (storing === undefined) return { success: true, id };
  return new DeferredReply(storing.then((stored) => ({ success: true, id, stored })));
}
