import * as z from "zod";
import { caseIdentifier, roomOfCase } from "../protocol/rooms.ts";
import { enterRoom } from "./enter-room.ts";
import { eventHandler, isRefused } from "./handler.ts";

export const subscribeCase = eventHandler({
  event: "subscribe:case",
  summary: "Receive `case:updated` for one case.",
  schema: z.strictObject({ caseId: caseIdentifier }),
  ackStyle: "status",
  handle(context, { caseId }) {
    const room = roomOfCase(caseId);
    const subscribed = { status: "subscribed", caseId };
    // Clients often repeat this request to be sure. The ledger already counts the client in this room.
    if (context.isMember(room) && context.mayEnter(room)) return subscribed;
    return enterRoom(context, room, "quietly").then((answer) => (isRefused(answer) ? answer : subscribed));
  },
});
