import * as z from "zod";
import { roomName } from "../protocol/rooms.ts";
import { refuse } from "../protocol/refusals.ts";
import { eventHandler } from "./handler.ts";

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
    if (!context.isMember(room)) return refuse("NOT_IN_ROOM");
    const id = context.newId();
    context.toRoom(room, "message", {
      id,
      from: context.socketId,
      userId: context.identity.userId,
      room,
      message,
      timestamp: new Date(context.nowMs()).toISOString(),
    });
    return context.stored()?.then((stored) => ({ success: true, id, stored })) ?? { success: true, id };
  },
});
