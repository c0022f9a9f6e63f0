import * as z from "zod";
import { caseIdentifier, roomOfCase } from "../protocol/rooms.ts";
import { eventHandler } from "./handler.ts";
import { tellMembers } from "./tell-members.ts";

export const unsubscribeCase = eventHandler({
  event: "unsubscribe:case",
  summary: "Stop receiving `case:updated` for a case.",
  schema: z.strictObject({ caseId: caseIdentifier }),
  ackStyle: "status",
  async handle(context, { caseId }) {
    const room = roomOfCase(caseId);
    if (context.isMember(room)) {
      // If the client also entered with join_room, the other members were told about it, so tell them that it left.
      const wasKnown = context.isKnownIn(room);
      const { participantCount } = await context.leave(room);
      if (wasKnown) tellMembers(context, "user_left", room, participantCount);
    }
    return { status: "unsubscribed", caseId };
  },
});
