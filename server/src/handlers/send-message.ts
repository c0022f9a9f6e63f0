import * as z from "zod";
import { andThen } from "../and-then.ts";
import { messageIdOf } from "../protocol/message-id.ts";
import { roomName } from "../protocol/rooms.ts";
import { refuse } from "../protocol/refusals.ts";
import { DeferredReply, eventHandler, type Answer, type EventContext } from "./handler.ts";

export const sendMessage = eventHandler({
  event: "send_message",
  summary:
    "Send to every member of a room, oneself included; the sender must be a member. [`key` and `volatile`](#sending)",
  schema: z.strictObject({
    room: roomName,
    message: z
      .unknown()
      .refine((message) => message !== undefined && message !== null && message !== "", "must be given"),
    key: z.string().min(1, "must have 1 to 64 characters").max(64, "must have 1 to 64 characters").optional(),
    volatile: z.boolean().optional(),
  }),
  ackStyle: "success",
  handle(context, { room, message, key, volatile: isVolatile = false }) {
    if (!context.isMember(room)) return refuse("NOT_IN_ROOM", { message: notInRoom(room) });
    const asked = context.ask("publish", () => ({ room, message }));
    const sending = { room, message, key, isVolatile };
    if (asked === undefined) return send(context, sending);
    return asked.then(async (decision) => {
      // The client could have left the room while the application decided.
      const isMember = context.isMember(room);
      const answer =
        decision.refusal ??
        (isMember ? await send(context, sending) : refuse("NOT_IN_ROOM", { message: notInRoom(room) }));
      await decision.apply();
      return answer;
    });
  },
});

interface Sending {
  room: string;
  message: unknown;
  key: string | undefined;
  isVolatile: boolean;
}

function send(context: EventContext, { room, message, key, isVolatile }: Sending): Answer | Promise<Answer> {
  const { socketId, namespace, identity } = context;
  // A volatile message can be lost anyway, so no client sends it again, and its key is not needed.
  const isKeyed = key !== undefined && !isVolatile;
  const id = isKeyed ? messageIdOf({ userId: identity.userId, namespace, room, key }) : context.newId();
  const deliver = (manner: "usual" | "once" | "volatile"): void => {
    const timestamp = new Date(context.nowMs()).toISOString();
    context.send({ id, from: socketId, userId: identity.userId, room, message, timestamp }, manner);
  };
  if (isVolatile) {
    deliver("volatile");
    return { success: true, id, stored: false, ...onlyHere(context) };
  }
  if (!isKeyed) {
    deliver("usual");
    return sent(id, context);
  }
  return andThen(context.isRepetition(id), (isRepetition) => {
    if (!isRepetition) deliver("once");
    return sent(id, context, id);
  });
}

/** The error names the room, so that a client that waits for several acks knows which message to send again. */
function notInRoom(room: string): string {
  return `the client is not in the room ${room}: join it first, then send again`;
}

/** The members on this gateway have the message already. Only the ack waits for Redis. */
function sent(id: string, context: EventContext, storedAs?: string): Answer {
  const storing = context.stored(storedAs);
  if (storing === undefined) return { success: true, id, ...onlyHere(context) };
  return new DeferredReply(
    storing.then((stored) => ({ success: true, id, stored, ...(stored ? {} : onlyHere(context)) })),
  );
}

/** While the bus is down, members on other gateways do not get the message, or only later by recovery. */
function onlyHere(context: EventContext): { onlyHere?: true } {
  return context.isOnlyHere() ? { onlyHere: true } : {};
}
