import type { EventContext } from "./handler.ts";
import { tellMembers } from "./tell-members.ts";
import { refuse, type Refusal } from "../protocol/refusals.ts";

/** Checks permission and the user's room limit, then joins the room. `aloud` informs the other members. */
export async function enterRoom(
  context: EventContext,
  room: string,
  manner: "aloud" | "quietly",
): Promise<{ participantCount: number } | Refusal> {
  if (!context.mayEnter(room)) return refuse("FORBIDDEN", { message: `the token does not open the room ${room}` });
  const wasKnown = context.isMember(room) && context.isKnownIn(room);
  const answer = await context.enter(room);
  if (!answer.entered) return refuse("ROOM_LIMIT_EXCEEDED", { currentRoomCount: answer.currentRoomCount });
  const { participantCount } = answer;
  // A client that left in the meantime is in no room, and nothing would announce its leaving.
  if (manner === "aloud" && !wasKnown && context.isMember(room)) {
    context.becomeKnownIn(room);
    tellMembers(context, "user_joined", room, participantCount);
  }
  return { participantCount };
}
