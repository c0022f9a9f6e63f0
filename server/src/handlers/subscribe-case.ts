import { z } from "zod";
import { caseIdentifier, roomOfCase } from "../protocol/rooms.ts";
import { enterRoom } from "./enter-room.ts";
import { eventHandler } from "./handler.ts";
import { isRefusal } from "../refusals.ts";

export const subscribeCase = eventHandler({
  event: "subscribe:case",
  summary: "Hear of `case:updated` for one case.",
  schema: z.strictObject({ caseId: caseIdentifier }),
  ackStyle: "status",
  async handle(context, { caseId }) {
    const answer = await enterRoom(context, roomOfCase(caseId), "quietly");
    return isRefusal(answer) ? answer : { status: "subscribed", caseId };
  },
});
