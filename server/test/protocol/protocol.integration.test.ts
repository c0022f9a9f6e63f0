import { beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { contract } from "../../src/contract.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();
let gateway: TestGateway;
beforeEach(async () => {
  gateway = await on.gateway();
});

describe.each(contract.namespaces)("in %s", (namespace) => {
  const connect = (user: string, rooms?: readonly string[]) =>
    on.connect(gateway, { namespace, user, ...(rooms === undefined ? {} : { rooms }) });

  test("sends a new client its ids, the time and the limits", async () => {
    const ada = await connect("ada");
    expect(await ada.next("connected")).toEqual({
      ...{ recovered: false, missed: 0, lostRooms: [] },
      socketId: ada.socket.id,
      userId: "ada",
      serverTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      limits: gateway.ledger.state().limits,
      features: ["key", "volatile"],
    });
  });

  test("subscribe:case starts the events of a case, and unsubscribe:case ends them", async () => {
    const ada = await connect("ada", ["case:*"]);
    const publish = (data: unknown) =>
      callApi(gateway, "/api/publish", { body: { namespace, caseId: "4711", event: "case:updated", data } });
    expect(await ada.ask("subscribe:case", { caseId: "4711" })).toEqual({ status: "subscribed", caseId: "4711" });
    await publish({ state: "open" });
    expect(await ada.next("case:updated")).toEqual({ state: "open" });
    expect(await ada.ask("unsubscribe:case", { caseId: "4711" })).toEqual({ status: "unsubscribed", caseId: "4711" });
    await publish({ state: "closed" });
    // Wait for an answer. The gateway sends in order, so everything before this answer has arrived by then.
    await ada.ask("unsubscribe:case", { caseId: "4711" });
    expect(ada.all("case:updated")).toHaveLength(1);
  });

  test("a case whose room the token does not open is refused in the style of cases", async () => {
    const ada = await connect("ada", ["case:1*"]);
    expect(await ada.ask("subscribe:case", { caseId: "2" })).toEqual({
      status: "error",
      code: "FORBIDDEN",
      error: expect.stringContaining("case:2"),
    });
  });

  test("join_room informs the other members once", async () => {
    const [ada, bob] = [await connect("ada"), await connect("bob")];
    expect(await ada.ask("join_room", { room: "team" })).toEqual({ success: true, participantCount: 1 });
    expect(await bob.ask("join_room", { room: "team" })).toEqual({ success: true, participantCount: 2 });
    expect(await ada.next("user_joined")).toEqual({
      room: "team",
      socketId: bob.socket.id,
      userId: "bob",
      participantCount: 2,
    });
    expect(await bob.ask("join_room", { room: "team", userId: "bob" })).toEqual({ success: true, participantCount: 2 });
    await bob.ask("send_message", { room: "team", message: "later" });
    await ada.next("message");
    expect(ada.all("user_joined")).toHaveLength(1);
    expect(bob.all("user_joined")).toHaveLength(0);
  });

  test("leave_room and a closed connection inform the remaining members", async () => {
    const [ada, bob, eve] = [await connect("ada"), await connect("bob"), await connect("eve")];
    for (const client of [ada, bob, eve]) await client.ask("join_room", { room: "team" });
    expect(await bob.ask("leave_room", { room: "team" })).toEqual({ success: true, participantCount: 2 });
    expect(await ada.next("user_left")).toEqual({
      room: "team",
      socketId: bob.socket.id,
      userId: "bob",
      participantCount: 2,
    });
    const gone = eve.socket.id;
    eve.close();
    expect(await ada.next("user_left", ({ userId }) => userId === "eve")).toEqual({
      room: "team",
      socketId: gone,
      userId: "eve",
      participantCount: 1,
    });
    expect(bob.all("user_left")).toEqual([]);
    expect(await bob.ask("leave_room", { room: "team" })).toMatchObject({ success: false, code: "NOT_IN_ROOM" });
  });

  test("announces the join and the leaving of a case's member that used join_room, and of no member that only subscribed", async () => {
    const [ada, bob, eve] = [
      await on.connect(gateway, { namespace }),
      await on.connect(gateway, { user: "bob", namespace }),
      await on.connect(gateway, { user: "eve", namespace }),
    ];
    const room = "case:7";
    await ada.ask("join_room", { room });
    for (const client of [bob, eve]) await client.ask("subscribe:case", { caseId: "7" });
    await bob.ask("join_room", { room });
    expect(await ada.next("user_joined")).toMatchObject({ userId: "bob", participantCount: 3 });
    await bob.ask("unsubscribe:case", { caseId: "7" });
    expect(await ada.next("user_left")).toMatchObject({ userId: "bob", participantCount: 2 });
    await eve.ask("leave_room", { room });
    await eve.ask("subscribe:case", { caseId: "7" });
    eve.close();
    await until(
      "eve to be gone",
      async () => (await gateway.ledger.presence(namespace, room)).participantCount === 1,
      30_000,
      5,
    );
    await bob.ask("join_room", { room });
    bob.close();
    await until("bob to be gone", async () => ada.all("user_left").length > 1, 30_000, 5);
    expect(ada.all("user_left").map(({ userId }) => userId)).toEqual(["bob", "bob"]);
    expect(ada.all("user_joined").map(({ userId }) => userId)).toEqual(["bob", "bob"]);
  });

  test.each<[kind: string, message: unknown]>([
    ["text", "hello"],
    ["an object", { text: "hello", at: [1, 2, { three: null }] }],
    ["zero", 0],
    ["false", false],
    ["bytes", Buffer.from([0, 1, 255])],
  ])("send_message with %s reaches every member, the sender included", async (_kind, message) => {
    const [ada, bob] = [await connect("ada"), await connect("bob")];
    for (const client of [ada, bob]) await client.ask("join_room", { room: "team" });
    const answer = await ada.ask("send_message", { room: "team", message });
    const want = {
      id: answer["id"],
      from: ada.socket.id,
      userId: "ada",
      room: "team",
      message,
      timestamp: expect.any(String),
    };
    expect(answer).toEqual({ success: true, id: expect.stringMatching(/^[\da-f-]{36}$/), stored: false });
    expect(await bob.next("message")).toEqual(want);
    expect(await ada.next("message")).toEqual(want);
  });

  test("events of one client are handled in the order they were sent", async () => {
    const ada = await connect("ada");
    const answers = await Promise.all([
      ada.ask("send_message", { room: "team", message: "too early" }),
      ada.ask("join_room", { room: "team" }),
      ...Array.from({ length: 100 }, (_, index) => ada.ask("send_message", { room: "team", message: index })),
      ada.ask("leave_room", { room: "team" }),
      ada.ask("send_message", { room: "team", message: "too late" }),
    ]);
    expect(answers.map(({ success }) => success)).toEqual([false, ...Array<boolean>(102).fill(true), false]);
    expect(ada.all("message").map(({ message }) => message)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  test.each<{ name: string; args: unknown[]; want: string }>([
    { name: "no payload", args: [], want: "one payload object" },
    { name: "two payloads", args: [{ room: "a" }, { room: "b" }], want: "one payload object" },
    { name: "null", args: [null], want: "must be an object" },
    { name: "a list", args: [["a"]], want: "must be an object" },
    { name: "a missing field", args: [{}], want: "room must be a string" },
    { name: "a field of the wrong type", args: [{ room: 7 }], want: "room must be a string" },
    { name: "an unknown field", args: [{ room: "a", colour: "red" }], want: "unknown field colour" },
    { name: "an empty room name", args: [{ room: "" }], want: "room must be 1 to 128" },
    {
      name: "the own room of another socket",
      args: [{ room: "uzoUdJchdklHIwymAAAA" }],
      want: "room must not have the form of a socket id",
    },
    { name: "a payload twenty times too deep", args: [{ room: nested(640) }], want: "nested deeper" },
    {
      name: "a key that would reach a prototype",
      args: [JSON.parse('{"room":"a","__proto__":{"x":1}}')],
      want: "must not have a field named __proto__",
    },
  ])("join_room with $name is INVALID_INPUT and says why", async ({ args, want }) => {
    const ada = await connect("ada");
    expect(await ada.ask("join_room", ...args)).toEqual({
      success: false,
      code: "INVALID_INPUT",
      error: expect.stringContaining(want),
    });
    expect(ada.socket.connected).toBe(true);
  });

  test.each<[what: string, payload: object, want: string]>([
    ["missing", { room: "team" }, "message must be given"],
    ["null", { room: "team", message: null }, "message must be given"],
    ["empty", { room: "team", message: "" }, "message must be given"],
  ])("send_message with a message that is %s is INVALID_INPUT", async (_what, payload, want) => {
    const ada = await connect("ada");
    expect(await ada.ask("send_message", payload)).toEqual({ success: false, code: "INVALID_INPUT", error: want });
  });

  test("an event with the gateway's internal name is unknown", async () => {
    const ada = await connect("ada");
    expect(await ada.ask("refused", { refusal: { code: "INTERNAL", message: "x" } })).toMatchObject({
      success: false,
      code: "UNKNOWN_EVENT",
    });
  });

  test("with open rooms a token needs no rooms", async () => {
    const open = await on.gateway({ ROOM_POLICY: "open" });
    const ada = await on.connect(open, { namespace, rooms: [] });
    expect(await ada.ask("join_room", { room: "anywhere" })).toMatchObject({ success: true });
  });
});

function nested(depth: number): unknown {
  return JSON.parse("[".repeat(depth) + "]".repeat(depth));
}
