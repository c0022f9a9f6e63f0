import * as z from "zod";
import { roomName } from "../protocol/rooms.ts";
import { refuse } from "../protocol/refusals.ts";
import { eventHandler, type EventContext } from "./handler.ts";
import { tellMembers } from "./tell-members.ts";

export const leaveRoom = eventHandler({
  event: "leave_room",
  summary: "Leave a room; the other members get `user_left`, or their count in a large room.",
  schema: z.strictObject({
    room: roomName,
    userId: z.string().max(128, "must have at most 128 characters").optional(),
  }),
  ackStyle: "success",
  async handle(context, { room, userId }) {
    if (userId !== undefined && userId !== context.identity.userId)
      return refuse("FORBIDDEN", { message: "userId is not the token's user" });
    if (!context.isMember(room)) return refuse("NOT_IN_ROOM", { message: `the client is not in the room ${room}` });
    return { success: true, participantCount: await leaveRoomAloud(context, room) };
  },
});

/** Leaves a room and tells the other members. Returns the number of remaining participants. */
export async function leaveRoomAloud(context: EventContext, room: string): Promise<number> {
  const wasKnown = context.isKnownIn(room);
  const { participantCount } = await context.leave(room);
  if (wasKnown) tellMembers(context, "user_left", room, participantCount);
  return participantCount;
}
