import { describe, expect, test } from "@jest/globals";
import type { ClientOptions, TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { until } from "../../../testkit/until.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const { cluster, gateway, connect, open: openClient } = stage();
const on = { RECOVERY_WINDOW_SECONDS: "120" };
const off = { RECOVERY_WINDOW_SECONDS: "0" };
const reconnecting: ClientOptions["options"] = { reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 20 };

/** Closes all connections of a gateway, like a network failure. */
function cutAll({ gateway: { connections } }: TestGateway): void {
  for (const connection of connections.values()) connection.engine.close(true);
}

const messagesOf = (client: TestClient): unknown[] => client.all("message").map(({ message }) => message);

describe("an ack that waits for a Redis that hangs", () => {
  test("does not delay the client's next messages", async () => {
    const { redis, gateways } = await cluster(1, on);
    const ada = await connect(gateways[0]!);
    await ada.ask("join_room", { room: "team" });
    await ada.ask("send_message", { room: "team", message: 0 });
    const seen: unknown[] = [];
    ada.socket.on("message", ({ message }: { message: unknown }) => seen.push(message));
    redis.pause();
    for (const message of [1, 2, 3])
      ada.socket.emit("send_message", { room: "team", message }, ({ stored }: { stored: boolean }) =>
        seen.push(`${message} stored: ${stored}`),
      );
    await until("the acks", async () => seen.length === 6, 10_000, 5);
    redis.resume();
    expect(seen).toEqual([1, 2, 3, "1 stored: false", "2 stored: false", "3 stored: false"]);
  });

  test("delays the next messages when too many acks wait", async () => {
    const { redis, gateways } = await cluster(1, on);
    const ada = await connect(gateways[0]!);
    await ada.ask("join_room", { room: "team" });
    await ada.ask("send_message", { room: "team", message: "first" });
    redis.pause();
    const acks: unknown[] = [];
    for (let message = 0; message < 1_000; message += 1)
      ada.socket.emit("send_message", { room: "team", message }, (ack: unknown) => acks.push(ack));
    await until("the first acks", async () => acks.length > 0, 10_000, 5);
    expect(messagesOf(ada).length).toBeLessThan(1_000);
    redis.resume();
    await until("all acks", async () => acks.length === 1_000, 30_000, 5);
    expect(messagesOf(ada)).toEqual(["first", ...Array.from({ length: 1_000 }, (_, message) => message)]);
  });
});

/** The example client from docs/protocol.md, "Writing a client". */
async function documentedClient(at: TestGateway, rooms: readonly string[]) {
  const client = await openClient(at, { options: { ...reconnecting, retries: 100, ackTimeout: 5_000 } });
  const ask = (event: string, payload: object) =>
    client.socket.emitWithAck(event, payload) as Promise<Record<string, unknown>>;
  let joined: Promise<unknown> = Promise.resolve();
  client.socket.on("connected", ({ recovered, lostRooms = [] }: { recovered?: boolean; lostRooms?: string[] }) => {
    const missing = recovered === true ? lostRooms : rooms;
    joined = Promise.all(missing.map((room) => ask("join_room", { room })));
  });
  const send = async (room: string, message: unknown): Promise<Record<string, unknown>> => {
    const answer = await ask("send_message", { room, message, key: `key of ${String(message)}` });
    if (answer["code"] !== "NOT_IN_ROOM") return answer;
    await joined;
    return send(room, message);
  };
  return { client, send };
}

test.each([
  { recovery: "on", env: on },
  { recovery: "off", env: off },
])("what the documented client sends arrives once through cuts when recovery is $recovery", async ({ env }) => {
  const one = await gateway(env);
  const bob = await connect(one, { user: "bob" });
  await bob.ask("join_room", { room: "team" });
  const ada = await documentedClient(one, ["team"]);
  const sent: Promise<Record<string, unknown>>[] = [];
  const connectionOfAda = () =>
    [...one.gateway.connections.values()].find(({ identity }) => identity?.userId === ada.client.user);
  for (let message = 0; message < 30; message += 1) {
    sent.push(ada.send("team", message));
    if (message % 3 === 0) connectionOfAda()?.engine.close(true);
    await until("some of them to arrive", async () => messagesOf(bob).length >= message - 5, 10_000, 1);
  }
  for (const answer of await Promise.all(sent)) expect(answer).toMatchObject({ success: true });
  expect(messagesOf(bob).sort((a, b) => Number(a) - Number(b))).toEqual([...Array(30).keys()]);
  expect(ada.client.disconnects.length).toBeGreaterThan(1);
});

test("the ack of a message with an attachment says that it is not stored, because only its place is", async () => {
  const { gateways } = await cluster(1, on);
  const ada = await connect(gateways[0]!);
  await ada.ask("join_room", { room: "team" });
  const bytes = { room: "team", message: { bytes: Buffer.from("abc") } };
  expect(await ada.ask("send_message", bytes)).toMatchObject({ success: true, stored: false });
  expect(await ada.ask("send_message", { room: "team", message: "abc" })).toMatchObject({ stored: true });
});

describe("a message that a stock client buffered while it was away", () => {
  test("is delivered without a join when the client is recovered", async () => {
    const one = await gateway(on);
    const ada = await connect(one, { options: reconnecting });
    await ada.ask("join_room", { room: "team" });
    cutAll(one);
    await until("the cut to be noticed", async () => ada.disconnects.length === 1, 10_000, 5);
    expect(await ada.ask("send_message", { room: "team", message: "buffered" })).toMatchObject({ success: true });
    expect(ada.all("connected").at(-1)).toMatchObject({ recovered: true });
    expect(messagesOf(ada)).toEqual(["buffered"]);
  });

  test("is refused with the room's name and the advice to join when the client is not recovered", async () => {
    const one = await gateway(off);
    const ada = await connect(one, { options: reconnecting });
    await ada.ask("join_room", { room: "team" });
    cutAll(one);
    await until("the cut to be noticed", async () => ada.disconnects.length === 1, 10_000, 5);
    expect(await ada.ask("send_message", { room: "team", message: "buffered" })).toEqual({
      ...{ success: false, code: "NOT_IN_ROOM" },
      error: "the client is not in the room team: join it first, then send again",
    });
  });
});
