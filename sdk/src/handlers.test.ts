import { describe, expect, test } from "@jest/globals";
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import { refusals } from "../../server/src/protocol/refusals.ts";
import { HandlerError, handlers, type CallsOf, type EventsOf, type HandlerAnswer } from "./handlers.ts";

const client = { user: "ada", rooms: ["team"], claims: {}, sessionId: "s", socketId: "k", namespace: "/events" };
const request = { version: 1, id: "1", cluster: "shop", headers: {}, ack: true, data: null, ...client };

interface Order {
  item: string;
  by: string;
}

const app = handlers(
  {
    "order:place": {
      schema: z.object({ item: z.string(), count: z.coerce.number().default(1) }),
      handle(context, { item, count }) {
        const order = { item, by: context.user };
        context.join("orders");
        context.publish({ room: "orders", event: "order:placed", data: order, exceptSender: true });
        return { order, count };
      },
    },
    "order:*": { handle: ({ event }) => ({ event }) },
    "*": { handle: () => "any" },
    join(context, { room }) {
      if (!room.startsWith(`user:${context.user}`)) throw new HandlerError("FORBIDDEN", "not yours");
    },
  },
  { sends: {} as { "order:placed": Order } },
);
const ask = (event: string, data: unknown = null): Promise<HandlerAnswer> =>
  app.answer({ ...request, kind: "event", event, data });

describe("an event", () => {
  test("is answered with what its handler returns, and with the commands in their order", async () => {
    expect(await ask("order:place", { item: "tea", count: "2" })).toEqual({
      ack: { order: { item: "tea", by: "ada" }, count: 2 },
      do: [
        { join: "orders" },
        {
          publish: {
            ...{ room: "orders", event: "order:placed", exceptSender: true },
            data: { item: "tea", by: "ada" },
          },
        },
      ],
    });
  });

  test("goes to the exact name, then to the longest prefix", async () => {
    expect(await ask("order:cancel")).toEqual({ ack: { event: "order:cancel" } });
    expect(await ask("cart:add")).toEqual({ ack: "any" });
  });

  test("has no ack when its handler returns nothing, and null when it returns null", async () => {
    const two = handlers({ "a:b": { handle: () => undefined }, "a:c": { handle: () => null } });
    expect(await two.answer({ ...request, kind: "event", event: "a:b" })).toEqual({});
    expect(await two.answer({ ...request, kind: "event", event: "a:c" })).toEqual({ ack: null });
  });

  test("collects every command", async () => {
    const all = handlers({
      "a:b": {
        handle({ join, leave, emit, publish, disconnect }) {
          join("x");
          leave("y");
          emit("hello");
          emit("hello", { n: 1 });
          publish({ room: "x", event: "e", volatile: true });
          disconnect({ reconnect: true });
          disconnect();
        },
      },
    });
    expect((await all.answer({ ...request, kind: "event", event: "a:b" })).do).toEqual([
      { join: "x" },
      { leave: "y" },
      { emit: ["hello"] },
      { emit: ["hello", { n: 1 }] },
      { publish: { room: "x", event: "e", volatile: true } },
      { disconnect: { reconnect: true } },
      { disconnect: { reconnect: false } },
    ]);
  });

  test("fails when its handler gives more than 100 commands", async () => {
    const many = handlers({ "a:b": { handle: ({ join }) => Array.from({ length: 101 }, (_, at) => join(`r${at}`)) } });
    await expect(many.answer({ ...request, kind: "event", event: "a:b" })).rejects.toThrow("at most 100 commands");
  });

  test("without a handler is not answered", async () => {
    const one = handlers({ "a:b": { handle: () => 1 } });
    await expect(one.answer({ ...request, kind: "event", event: "a:c" })).rejects.toThrow(
      "no handler for the event a:c",
    );
    await expect(one.answer({ ...request, kind: "join" })).rejects.toThrow("no handler for the hook join");
  });
});

describe("a schema", () => {
  const item = (schema: { "~standard": { version: 1; vendor: string; validate: (value: unknown) => never } }) =>
    handlers({ "a:b": { schema, handle: (_context, data) => data } }).answer({
      ...{ ...request, kind: "event", event: "a:b", data: { item: { name: 7 } } },
    });

  test.each([
    ["zod", z.object({ item: z.object({ name: z.string("must be text") }) })],
    ["valibot", v.object({ item: v.object({ name: v.string("must be text") }) })],
    ["arktype", type({ item: { name: type("string").configure({ message: "must be text" }) } })],
  ])("of %s refuses data with the field and the reason", async (_library, schema) => {
    expect(await item(schema as never)).toEqual({
      error: { code: "INVALID_INPUT", message: "item.name: must be text" },
    });
  });

  test("may be asynchronous", async () => {
    const known = z.string().refine(async (name) => name === "tea", "not in stock");
    const shop = handlers({ "a:b": { schema: known, handle: (_context, name) => name } });
    const of = (data: string) => shop.answer({ ...request, kind: "event", event: "a:b", data });
    expect(await of("tea")).toEqual({ ack: "tea" });
    expect(await of("gin")).toEqual({ error: { code: "INVALID_INPUT", message: "not in stock" } });
  });

  test("that throws fails the event", async () => {
    const broken = v.pipe(
      v.string(),
      v.transform((): string => {
        throw new Error("broken");
      }),
    );
    const shop = handlers({ "a:b": { schema: broken, handle: () => 1 } });
    await expect(shop.answer({ ...request, kind: "event", event: "a:b", data: "x" })).rejects.toThrow("broken");
  });
});

describe("a HandlerError", () => {
  test("refuses, with the commands given before it", async () => {
    const shop = handlers({
      "a:b": {
        async handle({ disconnect }) {
          disconnect({ reconnect: false });
          throw new HandlerError("BANNED", "x".repeat(2_000), { retryAfter: 5 });
        },
      },
    });
    expect(await shop.answer({ ...request, kind: "event", event: "a:b" })).toEqual({
      error: { code: "BANNED", message: "x".repeat(1_024), retryAfter: 5 },
      do: [{ disconnect: { reconnect: false } }],
    });
  });

  test("may have no code of the gateway but FORBIDDEN and INVALID_INPUT", () => {
    const isUsable = (code: string): boolean => {
      try {
        return new HandlerError(code, "").code === code;
      } catch {
        return false;
      }
    };
    expect(Object.keys(refusals).filter(isUsable).sort()).toEqual(["FORBIDDEN", "INVALID_INPUT"]);
    expect(["SOLD_OUT", "sold", "", `X${"Y".repeat(64)}`].filter(isUsable)).toEqual(["SOLD_OUT"]);
    expect(() => new HandlerError("A", "", { retryAfter: NaN })).toThrow("retryAfter");
  });
});

describe("a hook", () => {
  const join = (room: string) => app.answer({ ...request, kind: "join", data: { room } });

  test("allows by returning and refuses by throwing", async () => {
    expect(await join("user:ada")).toEqual({});
    expect(await join("user:bob")).toEqual({ error: { code: "FORBIDDEN", message: "not yours" } });
  });

  test("fails when it returns a value, which could be meant as a refusal", async () => {
    const wrong = handlers({ join: (() => false) as unknown as () => void });
    await expect(wrong.answer({ ...request, kind: "join", data: { room: "a" } })).rejects.toThrow(
      "must return nothing",
    );
  });

  test("gets ended sessions", async () => {
    const seen: string[] = [];
    const hook = handlers({ gone: (_context, { sessions }) => void seen.push(...sessions.map(({ user }) => user)) });
    const sessions = [{ ...client, reason: "left", at: "2026-11-30T14:00:00.000Z" }];
    expect(await hook.answer({ version: 1, id: "1", kind: "gone", cluster: "shop", data: { sessions } })).toEqual({});
    expect(seen).toEqual(["ada"]);
  });
});

test.each([
  [{}, "at least one event or hook"],
  [{ "a b": { handle: () => 1 } }, "the event a b must be"],
  [{ "a*b": { handle: () => 1 } }, "the event a*b must be"],
  [{ "a:b": {} }, "the event a:b must have a function"],
  [{ "a:b": () => 1 }, "the event a:b must have a function"],
  [{ "a:b": { schema: { type: "object" }, handle: () => 1 } }, "the schema of a:b must be a Standard Schema"],
  [{ join: {} }, "the hook join must be a function"],
])("handlers(%o) is refused with the field", (given, message) => {
  expect(() => handlers(given as never)).toThrow(message);
});

test("gives the compiler the types of events in both directions", () => {
  const sent: EventsOf<typeof app> = { "order:placed": { item: "tea", by: "ada" } };
  const call: CallsOf<typeof app>["order:place"] = {
    data: { item: "tea" },
    ack: { order: sent["order:placed"], count: 1 },
  };
  // @ts-expect-error: the data of order:placed has a type
  const wrong: EventsOf<typeof app> = { "order:placed": { item: 7 } };
  handlers(
    {
      "a:b": {
        handle({ emit }) {
          // @ts-expect-error: this event is not in the list
          emit("order:gone");
        },
      },
    },
    { sends: {} as { "order:placed": Order } },
  );
  expect([call.data.item, wrong]).toHaveLength(2);
});
