import { describe, expect, test } from "@jest/globals";
import { contract } from "../../src/contract.ts";
import { refusals, type RefusalCode } from "../../src/protocol/refusals.ts";
import { metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import type { ClientOptions } from "../../../testkit/gateway/gateway-client.ts";

const { gateway, connect, refused, turnedAway } = stage();

/**
 * What a test does to get a refusal with a certain code: connect a client, let an accepted client send an event, or
 * send an HTTP request.
 */
type Provocation = { env?: Record<string, string>; want?: object; at?: "handshake" | "event" | "http" } & (
  | { first?: ClientOptions; knock: ClientOptions }
  | { first?: ClientOptions; turnedAway: ClientOptions }
  | {
      breaks?: (gateway: TestGateway) => void;
      before?: readonly [event: string, payload: unknown][];
      event: string;
      payload: unknown;
      client?: ClientOptions;
    }
  | { http: (gateway: TestGateway, namespace: string) => Promise<Response> }
);

const provocations: Record<RefusalCode, Provocation> = {
  INVALID_INPUT: { event: "join_room", payload: { room: "no spaces" } },
  RATE_LIMIT_EXCEEDED: {
    env: { WS_RATE_LIMIT_EVENTS_PER_MINUTE: "1" },
    before: [["join_room", { room: "a" }]],
    event: "join_room",
    payload: { room: "b" },
    want: { retryAfter: expect.any(Number) },
  },
  ROOM_LIMIT_EXCEEDED: {
    env: { WS_MAX_ROOMS_PER_USER: "1" },
    before: [["join_room", { room: "a" }]],
    event: "join_room",
    payload: { room: "b" },
    want: { currentRoomCount: 1 },
  },
  CONNECTION_LIMIT_EXCEEDED: {
    env: { WS_MAX_CONNECTIONS_PER_USER: "1" },
    first: { user: "ada" },
    knock: { user: "ada" },
  },
  GLOBAL_LIMIT_EXCEEDED: {
    env: { WS_MAX_GLOBAL_CONNECTIONS: "1" },
    first: { user: "ada" },
    turnedAway: { user: "bob" },
  },
  ADDRESS_LIMIT_EXCEEDED: {
    env: { WS_MAX_CONNECTIONS_PER_ADDRESS: "1" },
    first: { user: "ada" },
    turnedAway: { user: "bob" },
  },
  MESSAGE_TOO_LARGE: {
    env: { WS_MAX_MESSAGE_BYTES: "1024" },
    event: "send_message",
    payload: { room: "a", message: "x".repeat(2_000) },
  },
  UNAUTHENTICATED: { knock: { token: null } },
  TOKEN_EXPIRED: { knock: { lifetimeSeconds: -1 } },
  FORBIDDEN: { client: { rooms: ["case:*"] }, event: "join_room", payload: { room: "elsewhere" } },
  ORIGIN_REFUSED: {
    env: { REALTIME_CORS_ORIGIN: "https://app.example.com" },
    knock: { options: { extraHeaders: { origin: "https://evil.example.com" } } },
  },
  NOT_IN_ROOM: { event: "send_message", payload: { room: "a", message: "hello" } },
  UNKNOWN_EVENT: { event: "shout", payload: {} },
  UNKNOWN_NAMESPACE: { knock: { namespace: "/elsewhere" } },
  DRAINING: {
    http(draining) {
      draining.gateway.refuseNewcomers();
      return fetch(`http://127.0.0.1:${draining.publicPort}/socket.io/?EIO=4&transport=websocket`);
    },
    want: { retryAfter: 1 },
  },
  ISSUER_UNAVAILABLE: {
    // No server listens on port 9, so the gateway cannot load the issuer's keys.
    env: {
      JWT_SECRET: "",
      JWT_ISSUERS: JSON.stringify([
        { issuer: "https://id.example.com", audience: "chat", jwksURL: "http://127.0.0.1:9/jwks" },
      ]),
    },
    turnedAway: {
      token: `${segment({ alg: "RS256", kid: "a" })}.${segment({ iss: "https://id.example.com" })}.${segment({})}`,
    },
  },
  HANDLER_UNAVAILABLE: {
    // No server listens on port 9, so the handler cannot be reached.
    env: {
      HANDLERS: JSON.stringify([{ name: "rules", url: "http://127.0.0.1:9/realtime", hooks: ["connect"] }]),
      HANDLER_SECRET: "a-secret-of-32-bytes-for-handlers",
    },
    turnedAway: {},
  },
  INTERNAL: {
    breaks: ({ ledger }) => void (ledger.enterRoom = () => Promise.reject(new Error("broken by this test"))),
    event: "join_room",
    payload: { room: "a" },
  },
};

test("stock clients retry after every temporary refusal", () => {
  const closed = Object.entries(refusals).filter(([, entry]) => "atConnect" in entry && entry.atConnect === "closed");
  const trying = Object.entries(provocations).filter(([, one]) => "turnedAway" in one || "http" in one);
  const codes = [...trying.map(([code]) => code), "INTERNAL"];
  expect(codes.sort()).toEqual(closed.map(([code]) => code).sort());
});

test("every refusal of the catalogue is provoked below", () => {
  expect(Object.keys(provocations).sort()).toEqual(Object.keys(refusals).sort());
});

describe.each(contract.namespaces)("in %s", (namespace) => {
  test.each(Object.entries(provocations) as [RefusalCode, Provocation][])(
    "%s reaches the client and is counted",
    async (code, provocation) => {
      const started = await gateway(provocation.env);
      const want = { code, message: expect.any(String), ...provocation.want };
      if ("knock" in provocation) {
        if (provocation.first !== undefined) await connect(started, { namespace, ...provocation.first });
        expect(await refused(started, { namespace, ...provocation.knock })).toEqual(want);
      } else if ("turnedAway" in provocation) {
        if (provocation.first !== undefined) await connect(started, { namespace, ...provocation.first });
        await turnedAway(started, code, { namespace, ...provocation.turnedAway });
      } else if ("http" in provocation) {
        const response = await provocation.http(started, namespace);
        expect(response.status).toBe(refusals[code].status);
        expect(response.headers.get("retry-after")).toBe("1");
        expect(await response.json()).toEqual(want);
      } else {
        const client = await connect(started, { namespace, ...provocation.client });
        for (const [event, payload] of provocation.before ?? [])
          expect(await client.ask(event, payload)).toMatchObject({ success: true });
        provocation.breaks?.(started);
        const { message, ...rest } = want;
        expect(await client.ask(provocation.event, provocation.payload)).toEqual({
          success: false,
          error: message,
          ...rest,
        });
        // Send the event again without requesting an ack: the client must then get an `error` event as well.
        client.socket.emit(provocation.event, provocation.payload);
        await client.next("error", () => client.all("error").length === 2);
        expect(client.all("error")).toEqual([
          { ...want, event: provocation.event },
          { ...want, event: provocation.event },
        ]);
        expect(client.socket.connected).toBe(true);
      }
      expect(await metricOf(started, "realtime_refusals_total", { code })).toBeGreaterThan(0);
    },
  );
});

test("refuses the main namespace like any other unknown namespace", async () => {
  expect(await refused(await gateway(), { namespace: "/" })).toMatchObject({ code: "UNKNOWN_NAMESPACE" });
});

function segment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
