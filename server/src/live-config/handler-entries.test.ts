import { describe, expect, test } from "@jest/globals";
import { handlers } from "../handlers/handlers.ts";
import { builtInEvents } from "../protocol/client-events.ts";
import { MAX_HANDLERS, problemsOfHandlers, withDefaults } from "./handler-entries.ts";

const orders = { name: "orders", url: "http://orders:8080/realtime", events: ["order:*"] };

test("the reserved names are those of the gateway's handlers", () => {
  expect(builtInEvents).toEqual(handlers.map(({ event }) => event));
});

test("an entry with every field is valid, and what it leaves out has a default", () => {
  const full = {
    ...orders,
    ...{
      events: ["order:*", "cart:add", "*"],
      timeoutMilliseconds: 50,
      maxInFlight: 1,
      order: "None",
      idempotent: true,
      hooks: ["connect", "join", "publish", "gone"],
      onFailure: "Allow",
    },
  };
  expect(problemsOfHandlers([full], "HANDLERS")).toEqual([]);
  expect(withDefaults(orders)).toEqual({
    ...orders,
    ...{ timeoutMilliseconds: 1_000, maxInFlight: 64, order: "PerClient", idempotent: false },
    ...{ hooks: [], onFailure: "Refuse" },
  });
});

describe("a problem names its field and what to do", () => {
  test.each<{ name: string; list: unknown; want: string }>([
    { name: "no list", list: {}, want: "HANDLERS must be a list" },
    { name: "too many", list: Array(MAX_HANDLERS + 1).fill(orders), want: "at most 32 handlers" },
    { name: "text as an entry", list: ["orders"], want: "HANDLERS[0] must be an object like" },
    { name: "no name", list: [{ ...orders, name: undefined }], want: "HANDLERS[0].name is missing: give" },
    { name: "a name with spaces", list: [{ ...orders, name: "my orders" }], want: "HANDLERS[0].name must be 1 to 63" },
    { name: "no url", list: [{ ...orders, url: undefined }], want: "HANDLERS[0].url is missing: set" },
    { name: "another protocol", list: [{ ...orders, url: "grpc://orders" }], want: "HANDLERS[0].url must be an http" },
    {
      name: "a password",
      list: [{ ...orders, url: "http://a:b@orders" }],
      want: "HANDLERS[0].url must not contain a user",
    },
    {
      name: "a fragment",
      list: [{ ...orders, url: "http://orders/#a" }],
      want: "HANDLERS[0].url must not contain a fragment",
    },
    { name: "no events", list: [{ ...orders, events: [] }], want: "HANDLERS[0] handles nothing: list" },
    { name: "events that are text", list: [{ ...orders, events: "a" }], want: "HANDLERS[0].events must be a list" },
    {
      name: "a star inside",
      list: [{ ...orders, events: ["a", "a*b"] }],
      want: "HANDLERS[0].events[1] must be 1 to 64",
    },
    {
      name: "a built-in event",
      list: [{ ...orders, events: ["join_room"] }],
      want: "HANDLERS[0].events[0] is join_room",
    },
    {
      name: "an event of Socket.IO",
      list: [{ ...orders, events: ["disconnect"] }],
      want: "HANDLERS[0].events[0] is disconnect",
    },
    {
      name: "a short timeout",
      list: [{ ...orders, timeoutMilliseconds: 49 }],
      want: "timeoutMilliseconds must be a whole number from 50 to 30000",
    },
    {
      name: "half a request",
      list: [{ ...orders, maxInFlight: 0.5 }],
      want: "maxInFlight must be a whole number from 1",
    },
    {
      name: "another order",
      list: [{ ...orders, order: "PerRoom" }],
      want: "HANDLERS[0].order must be PerClient or None",
    },
    {
      name: "text for a switch",
      list: [{ ...orders, idempotent: "yes" }],
      want: "HANDLERS[0].idempotent must be true or false",
    },
    {
      name: "an unknown hook",
      list: [{ ...orders, hooks: ["leave"] }],
      want: "HANDLERS[0].hooks[0] must be one of connect, join, publish, gone",
    },
    {
      name: "another rule for failures",
      list: [{ ...orders, onFailure: "Retry" }],
      want: "onFailure must be Refuse or Allow",
    },
    {
      name: "the same hook twice",
      list: [
        { ...orders, hooks: ["join"] },
        { name: "b", url: "http://b", hooks: ["join"] },
      ],
      want: "HANDLERS[1].hooks repeats the hook join of HANDLERS[0].hooks",
    },
    {
      name: "an unknown field",
      list: [{ ...orders, retries: 3 }],
      want: "HANDLERS[0].retries is not a field of a handler",
    },
    {
      name: "the same name twice",
      list: [orders, { ...orders, events: ["a"] }],
      want: "HANDLERS[1].name repeats the name orders",
    },
    {
      name: "the same event twice",
      list: [orders, { ...orders, name: "b" }],
      want: "HANDLERS[1].events repeats the event order:*",
    },
  ])("when there is $name", ({ list, want }) => {
    expect(problemsOfHandlers(list, "HANDLERS")).toContainEqual(expect.stringContaining(want));
  });
});
