import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { HandlerError, handlers } from "../../../../sdk/src/handlers.ts";

const seen = [];
const gone = [];

export default handlers({
  "order:place": {
    schema: z.object({ item: z.string("must be text") }),
    handle(context, { item }) {
      if (item === "gin") throw new HandlerError("SOLD_OUT", "no more gin", { retryAfter: 60 });
      const order = { item, by: context.user };
      context.join("orders");
      context.publish({ room: "orders", event: "order:placed", data: order });
      return order;
    },
  },
  "order:slow": {
    async handle(_context, { ms, name }) {
      await sleep(ms);
      seen.push(name);
      return [...seen];
    },
  },
  "order:context": {
    handle({ join, leave, emit, publish, disconnect, ...rest }) {
      return rest;
    },
  },
  "order:throw": {
    handle() {
      throw new Error("thrown by the handler");
    },
  },
  "order:claims": {
    handle({ claims }) {
      claims.rooms.push("*");
    },
  },
  "order:later": {
    handle() {
      void Promise.reject(new Error("rejected later"));
      setTimeout(() => {
        throw new Error("thrown by a timer");
      }, 1);
      setImmediate(() => new EventEmitter().emit("error", new Error("emitted later")));
    },
  },
  "order:block": {
    handle() {
      const endMs = performance.now() + 80;
      while (performance.now() < endMs);
    },
  },
  "order:hang": { handle: () => new Promise(() => undefined) },
  "order:reserved": { handle: ({ emit }) => emit("connected") },
  "order:gone": { handle: () => gone },
  "order:*": { handle: ({ event }) => event },
  connect(context) {
    if (context.user === "mallory") throw new HandlerError("BANNED", "stay away");
    if (context.user === "broken") throw new Error("the hook failed");
    context.join(`user:${context.user}`);
  },
  join(_context, { room }) {
    if (room === "secret") throw new HandlerError("FORBIDDEN", "not you");
  },
  gone(_context, { sessions }) {
    gone.push(...sessions.map(({ user, reason }) => ({ user, reason })));
  },
  publish(_context, { message }) {
    if (message === "spam") throw new HandlerError("SPAM", "no spam");
  },
});
