import { connect as connectTcp } from "node:net";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { contract } from "../../src/contract.ts";
import { callApi, type ApiRequest } from "../../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();
let gateway: TestGateway;
beforeEach(async () => {
  gateway = await on.gateway({ WS_MAX_MESSAGE_BYTES: "2048" });
});

const { live, config, publish, disconnect, revoke, presence, shed } = contract.paths;

describe("refusals say what is wrong", () => {
  const valid = { room: "team", event: "news", data: 1 };
  test.each<{ name: string; path: string; request: ApiRequest; wantStatus: number; want: string }>([
    { name: "a path that does not exist", path: "/nowhere", request: {}, wantStatus: 404, want: "not found" },
    {
      name: "a method that the path does not have",
      path: publish,
      request: { method: "GET" },
      wantStatus: 405,
      want: "use POST",
    },
    { name: "a body that is not JSON", path: publish, request: { body: "{" }, wantStatus: 400, want: "not JSON" },
    { name: "no body", path: publish, request: { method: "POST" }, wantStatus: 400, want: "must be an object" },
    {
      name: "an unknown field",
      path: publish,
      request: { body: { ...valid, colour: 1 } },
      wantStatus: 400,
      want: "unknown field colour",
    },
    {
      name: "neither a room nor a case",
      path: publish,
      request: { body: { event: "news" } },
      wantStatus: 400,
      want: "either room or caseId",
    },
    {
      name: "a room and a case",
      path: publish,
      request: { body: { ...valid, caseId: "1" } },
      wantStatus: 400,
      want: "either room or caseId",
    },
    {
      name: "another namespace",
      path: publish,
      request: { body: { ...valid, namespace: "/" } },
      wantStatus: 400,
      want: "namespace must be /events or /messaging",
    },
    {
      name: "an event of the gateway's own",
      path: publish,
      request: { body: { ...valid, event: "connected" } },
      wantStatus: 400,
      want: "event is the name of an event that only the gateway sends",
    },
    {
      name: "an event name that Socket.IO reserves",
      path: publish,
      request: { body: { ...valid, event: "newListener" } },
      wantStatus: 400,
      want: "event is the name of an event that only the gateway sends",
    },
    {
      name: "a very long idempotency key",
      path: publish,
      request: { body: valid, headers: { "idempotency-key": "k".repeat(129) } },
      wantStatus: 400,
      want: "Idempotency-Key must have at most 128",
    },
    {
      name: "an empty idempotency key",
      path: publish,
      request: { body: valid, headers: { "idempotency-key": "" } },
      wantStatus: 400,
      want: "Idempotency-Key must not be empty",
    },
    {
      name: "data larger than a message",
      path: publish,
      request: { body: { ...valid, data: "x".repeat(3_000) } },
      wantStatus: 413,
      want: "data is larger than 2048 bytes",
    },
    {
      name: "a body above the size limit",
      path: publish,
      request: { body: "x".repeat(200_000) },
      wantStatus: 413,
      want: "the body is larger",
    },
    {
      name: "data nested without end",
      path: publish,
      request: { body: { ...valid, data: JSON.parse("[".repeat(500) + "]".repeat(500)) as unknown } },
      wantStatus: 400,
      want: "nested deeper",
    },
    {
      name: "a disconnect without a user",
      path: disconnect,
      request: { body: {} },
      wantStatus: 400,
      want: "userId must be a string",
    },
    {
      name: "a revocation of a user and a token",
      path: revoke,
      request: { body: { userId: "a", tokenId: "b" } },
      wantStatus: 400,
      want: "either userId or tokenId",
    },
    {
      name: "a shed of no connections",
      path: shed,
      request: { body: { connections: 0 } },
      wantStatus: 400,
      want: "connections must be from 1 to 1000000",
    },
    {
      name: "a revocation for no time",
      path: revoke,
      request: { body: { userId: "a", expiresInSeconds: 0 } },
      wantStatus: 400,
      want: "expiresInSeconds must be from 1 to 31536000",
    },
    {
      name: "a revocation for half a second",
      path: revoke,
      request: { body: { userId: "a", expiresInSeconds: 1.5 } },
      wantStatus: 400,
      want: "expiresInSeconds must be a whole number",
    },
    { name: "presence of no room", path: presence, request: {}, wantStatus: 400, want: "room is missing" },
    {
      name: "presence in no namespace",
      path: `${presence}?room=a&namespace=/x`,
      request: {},
      wantStatus: 404,
      want: "this namespace does not exist",
    },
  ])("$name", async ({ path, request, wantStatus, want }) => {
    const reply = await callApi(gateway, path, request);
    expect([reply.status, reply.body["error"]]).toEqual([wantStatus, expect.stringContaining(want)]);
  });

  test("answers with the allowed methods when the method is another", async () => {
    expect((await callApi(gateway, config, { method: "POST", body: {} })).headers.get("allow")).toBe("GET, PUT");
  });

  test("answers 400 and keeps running when a request line has no usable path", async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connectTcp(gateway.privatePort, "127.0.0.1", () =>
        socket.write("GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
      );
      let text = "";
      socket
        .on("data", (data) => (text += data.toString()))
        .on("end", () => resolve(text))
        .on("error", reject);
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect((await callApi(gateway, live)).status).toBe(200);
  });
});
