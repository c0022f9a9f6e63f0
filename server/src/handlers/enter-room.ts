import type { AppRefusal, Decision, EventContext } from "./handler.ts";
import { tellMembers } from "./tell-members.ts";
import { refuse, type Refusal } from "../protocol/refusals.ts";

/**
 * Joins a room if the token allows it, the room limit is not reached and the application agrees. `aloud`: tells the
 * other members.
 */
export async function enterRoom(
  context: EventContext,
  room: string,
  manner: "aloud" | "quietly",
): Promise<{ participantCount: number } | Refusal | AppRefusal> {
  if (!context.mayEnter(room)) return refuse("FORBIDDEN", { message: `the token does not allow the room ${room}` });
  return enterPermitted(context, room, { manner, permittedBy: "token" });
}

/**
 * Joins a room because the application said so, even if the token does not list the room. The user's room limit
 * applies.
 */
export function enterGrantedRoom(
  context: EventContext,
  room: string,
): Promise<{ participantCount: number } | Refusal | AppRefusal> {
  return enterPermitted(context, room, { manner: "aloud", permittedBy: "handler" });
}

async function enterPermitted(
  context: EventContext,
  room: string,
  { manner, permittedBy }: { manner: "aloud" | "quietly"; permittedBy: "token" | "handler" },
): Promise<{ participantCount: number } | Refusal | AppRefusal> {
  const wasKnown = context.isMember(room) && context.isKnownIn(room);
  let decision: Decision | undefined;
  const confirm = async (): Promise<boolean> => {
    decision = permittedBy === "handler" ? undefined : await context.ask("join", () => ({ room }));
    return decision?.refusal === undefined;
  };
  const answer = await context.enter(room, permittedBy, confirm);
  if (answer === "not confirmed") {
    await decision!.apply();
    return decision!.refusal!;
  }
  if (!answer.entered) return refuse("ROOM_LIMIT_EXCEEDED", { currentRoomCount: answer.currentRoomCount });
  const { participantCount } = answer;
  // Do not announce a client that has disconnected in the meantime: it is in no room, so nothing would announce that it
  // left.
  if (manner === "aloud" && !wasKnown && context.isMember(room)) {
    context.becomeKnownIn(room);
    tellMembers(context, "user_joined", room, participantCount);
  }
  await decision?.apply();
  return { participantCount };
}
