import type { Spec } from "../../src/api/realtime-cluster.ts";
import type { BadSpec } from "./bad-exposure-specs.ts";

const orders = { name: "orders", url: "http://orders.apps.svc:8080/realtime", events: ["order:*"] };
const handlers = (...list: object[]) => ({ handlers: list }) as unknown as Pick<Spec, "handlers">;
const withUrl = (url: string) => handlers({ name: "orders", url, events: ["order:*"] });
const withEvents = (...events: string[]) => handlers({ ...orders, events });

/** Handlers that the API server, the command line and the gateway all must accept. */
export const goodHandlerSpecs: readonly { name: string; spec: Pick<Spec, "handlers"> }[] = [
  { name: "no handler", spec: handlers() },
  ...[
    "http://orders",
    "https://handlers.example.com/realtime?tenant=a",
    "http://10.0.0.7:65535/",
    "http://orders.apps.svc.cluster.local:8080?tenant=a",
    "http://Orders.Example.com/$%7E~",
  ].map((url) => ({ name: `a handler at ${url}`, spec: withUrl(url) })),
  ...[["*"], ["order:place", "order:*", "cart.add", "send_*"], ["a".repeat(64), `${"a".repeat(64)}*`]].map(
    (events) => ({
      name: `a handler of ${events.join(", ").slice(0, 60)}`,
      spec: withEvents(...events),
    }),
  ),
  {
    name: "a handler that is a Service of another namespace",
    spec: handlers({
      name: "carts",
      service: { name: "carts", namespace: "shop", port: 8080, path: "/a?b=c" },
      events: ["*"],
    }),
  },
  {
    name: "a handler with every field",
    spec: handlers({
      ...orders,
      hooks: ["connect", "join", "publish", "gone"],
      timeoutMilliseconds: 30_000,
      maxInFlight: 10_000,
      order: "None",
      onFailure: "Allow",
      idempotent: true,
    }),
  },
  {
    name: "the most handlers with the most events",
    spec: handlers(
      ...Array.from({ length: 32 }, (_, index) => ({
        name: `handler-${index}`,
        url: "http://handlers/",
        events: Array.from({ length: 32 }, (_, event) => `${"e".repeat(58)}-${index}-${event}`),
      })),
    ),
  },
];

const inEvents = "spec.handlers[0].events";
const ownEvents =
  "events must leave out those of the gateway itself and of Socket.IO, such as send_message, connected and disconnect: choose other names";

/** Handlers that the API server refuses, with its whole message. */
export const badHandlerSpecs: readonly BadSpec[] = [
  {
    when: "a handler with url and service",
    spec: handlers({ ...orders, service: { name: "orders", port: 80 } }),
    want: "spec.handlers[0]: Invalid value: spec.handlers needs exactly one of url and service in each entry: keep one of them",
  },
  {
    when: "a handler without an address",
    spec: handlers({ name: "orders", events: ["order:*"] }),
    want: "spec.handlers[0]: Invalid value: spec.handlers needs exactly one of url and service in each entry: keep one of them",
  },
  {
    when: "a handler that handles nothing",
    spec: handlers({ name: "orders", url: "http://orders/" }),
    want: "spec.handlers[0]: Invalid value: spec.handlers needs a name in events, or one of connect, join, publish and gone in hooks, in each entry",
  },
  {
    when: "an event in two handlers",
    spec: handlers(orders, { ...orders, name: "others" }),
    want: "spec.handlers: Invalid value: spec.handlers must list each event in one entry: remove it from the other entry",
  },
  {
    when: "a hook in two handlers",
    spec: handlers({ ...orders, hooks: ["join"] }, { name: "others", url: "http://a/", hooks: ["publish", "join"] }),
    want: "spec.handlers: Invalid value: spec.handlers must list each hook in one entry: remove it from the other entry",
  },
  {
    when: "two handlers with one name",
    spec: handlers(orders, { ...orders, events: ["cart:*"] }),
    want: 'spec.handlers[1]: Duplicate value: {"name":"orders"}',
  },
  ...["send_message", "connected", "disconnect"].map((event) => ({
    when: `a handler of the gateway's own event ${event}`,
    spec: withEvents(event),
    want: `${inEvents}: Invalid value: ${ownEvents}`,
  })),
  {
    when: "an event with a * in the middle",
    spec: withEvents("order:*:place"),
    want: `${inEvents}[0]: Invalid value: "order:*:place": ${inEvents}[0] in body should match '^([A-Za-z0-9_:.-]{1,64}\\*?|\\*)$'`,
  },
  {
    when: "a timeout of 49 ms",
    spec: handlers({ ...orders, timeoutMilliseconds: 49 }),
    want: "spec.handlers[0].timeoutMilliseconds: Invalid value: 49: spec.handlers[0].timeoutMilliseconds in body should be greater than or equal to 50",
  },
  {
    when: "a hook that does not exist",
    spec: handlers({ ...orders, hooks: ["leave"] }),
    want: 'spec.handlers[0].hooks[0]: Unsupported value: "leave": supported values: "connect", "join", "publish", "gone"\n<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  },
];

/** Addresses that the API server refuses, because a gateway would refuse all live fields together with them. */
export const badHandlerUrls: readonly string[] = [
  "orders:8080",
  "ftp://orders/",
  "http://user@orders/",
  "http://user:password@orders/",
  "http://orders/#fragment",
  "http://orders:65536/",
  "http://10.0.0.256/",
  "http://orders.1/",
  "http://or ders/",
  "http:///realtime",
];
