import * as z from "zod";
import { roomName } from "../protocol/rooms.ts";
import { refuse } from "../protocol/refusals.ts";
import { enterRoom } from "./enter-room.ts";
import { eventHandler, isRefused } from "./handler.ts";

export const joinRoom = eventHandler({
  event: "join_room",
  summary: "Enter a room; the other members get `user_joined`, or their count in a large room.",
  schema: z.strictObject({
    room: roomName,
    userId: z.string().max(128, "must have at most 128 characters").optional(),
  }),
  ackStyle: "success",
  async handle(context, { room, userId }) {
    if (userId !== undefined && userId !== context.identity.userId)
      return refuse("FORBIDDEN", { message: "userId is not the token's user" });
    const answer = await enterRoom(context, room, "aloud");
    return isRefused(answer) ? answer : { success: true, participantCount: answer.participantCount };
  },
});
