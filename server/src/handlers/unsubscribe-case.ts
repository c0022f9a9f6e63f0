import { z } from "zod";
import { caseIdentifier, roomOfCase } from "../protocol/rooms.ts";
import { eventHandler } from "./handler.ts";

export const unsubscribeCase = eventHandler({
  event: "unsubscribe:case",
  summary: "Hear no more of a case.",
  schema: z.strictObject({ caseId: caseIdentifier }),
  ackStyle: "status",
  async handle(context, { caseId }) {
    const room = roomOfCase(caseId);
    if (context.isMember(room)) await context.leave(room);
    return { status: "unsubscribed", caseId };
  },
});
