import { isLargeRoom } from "../protocol/presence.ts";
import type { EventContext } from "./handler.ts";

/** Tells the other members of a room who joined or left. In a large room, announces the new count instead. */
export function tellMembers(
  context: EventContext,
  event: "user_joined" | "user_left",
  room: string,
  participantCount: number,
): void {
  if (isLargeRoom(participantCount)) context.countChanged(room);
  else
    context.toOthers(room, event, {
      room,
      socketId: context.socketId,
      userId: context.identity.userId,
      participantCount,
    });
}
