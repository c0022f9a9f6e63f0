import * as z from "zod";
import { caseIdentifier, roomOfCase } from "../protocol/rooms.ts";
import { enterRoom } from "./enter-room.ts";
import { eventHandler } from "./handler.ts";
import { isRefusal } from "../protocol/refusals.ts";

export const subscribeCase = eventHandler({
  event: "subscribe:case",
  summary: "Receive `case:updated` for one case.",
  schema: z.strictObject({ caseId: caseIdentifier }),
  ackStyle: "status",
  handle(context, { caseId }) {
    const room = roomOfCase(caseId);
    const subscribed = { status: "subscribed", caseId };
    // Clients repeat the request when in doubt; the ledger already counts this one.
    if (context.isMember(room) && context.mayEnter(room)) return subscribed;
    return enterRoom(context, room, "quietly").then((answer) => (isRefusal(answer) ? answer : subscribed));
  },
});
