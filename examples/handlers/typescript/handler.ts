// A handler for the event order:place with the package @realtime-operator/handlers. sdk/README.md describes the
// package.
import { createServer } from "node:http";
import { HandlerError, handlers, toNode } from "@realtime-operator/handlers";
import * as z from "zod";

interface Order {
  item: string;
  by: string;
}

const app = handlers(
  {
    "order:place": {
      schema: z.object({ item: z.string("must be text") }),
      handle(context, { item }) {
        if (item === "gin") throw new HandlerError("SOLD_OUT", "no more gin", { retryAfter: 60 });
        const order: Order = { item, by: context.user };
        context.join("orders");
        context.publish({ room: "orders", event: "order:placed", data: order });
        return order;
      },
    },
  },
  { sends: {} as { "order:placed": Order } },
);

/** How long the program continues after SIGTERM. Kubernetes needs less time to remove the pod from the Service. */
const STOP_AFTER_MS = 5_000;
let isStopping = false;

const answer = toNode(app, { secret: process.env["HANDLER_SECRET"] ?? "" });
createServer((request, response) => {
  // Close the connection after the answer, so that the gateway opens its next connection to another pod.
  if (isStopping) response.setHeader("connection", "close");
  void answer(request, response);
}).listen(Number(process.env["PORT"] ?? 8080));
process.on("SIGTERM", () => {
  isStopping = true;
  setTimeout(() => process.exit(0), STOP_AFTER_MS);
});
