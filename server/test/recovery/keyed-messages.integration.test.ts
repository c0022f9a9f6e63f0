import { describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { until } from "../../../testkit/until.ts";
import { stage } from "../support/stage.ts";

const { cluster, gateway, child, redis, balancer, connect, defer } = stage();
const on = { RECOVERY_WINDOW_SECONDS: "120" };
const team = { room: "team", message: "hello", key: "k1" };

const messagesOf = (client: TestClient): unknown[] => client.all("message").map(({ message }) => message);

/** Lets each sender send a last message. When it has arrived, no earlier message of this sender can arrive any more. */
async function settle(senders: readonly TestClient[], receivers: readonly TestClient[]): Promise<void> {
  const { length } = receivers[0]!.all("message").filter(({ message }) => message === "end");
  for (const sender of senders) await sender.ask("send_message", { room: "team", message: "end" });
  const isDone = async (client: TestClient): Promise<boolean> =>
    messagesOf(client).filter((message) => message === "end").length === length + senders.length;
  for (const receiver of receivers) await until("the end", () => isDone(receiver), 20_000, 5);
}

/** Connects clients that join the room "team". Each place is a gateway and a user. */
async function members(...places: [Parameters<typeof connect>[0], user: string][]): Promise<TestClient[]> {
  const clients: TestClient[] = [];
  for (const [at, user] of places) {
    const client = await connect(at, { user });
    await client.ask("join_room", { room: "team" });
    clients.push(client);
  }
  return clients;
}

describe.each([
  { recovery: "on", windowSeconds: "120", stored: { stored: true } },
  { recovery: "off", windowSeconds: "0", stored: {} },
])("with recovery $recovery, a message with a key that was used before", ({ windowSeconds, stored }) => {
  const env = { RECOVERY_WINDOW_SECONDS: windowSeconds };

  test("is not delivered again, and its ack has the first id, when it comes to the same or another gateway", async () => {
    const { gateways } = await cluster(2, env);
    const clients = await members([gateways[0]!, "ada"], [gateways[1]!, "ada"], [gateways[1]!, "bob"]);
    const [first, second] = clients as [TestClient, TestClient];
    const { id } = await first.ask("send_message", team);
    await second.next("message");
    for (const client of [first, second])
      expect(await client.ask("send_message", team)).toEqual({ success: true, id, ...stored });
    await settle([first], clients);
    for (const client of clients) {
      expect(messagesOf(client)).toEqual(["hello", "end"]);
      expect(client.all("message")[0]).toMatchObject({ id });
    }
  });

  test("reaches each member once when it comes to two gateways at the same time", async () => {
    const { gateways } = await cluster(3, env);
    const clients = await members([gateways[0]!, "ada"], [gateways[1]!, "ada"], [gateways[2]!, "bob"]);
    const [first, second] = clients as [TestClient, TestClient];
    for (let key = 0; key < 50; key += 1) {
      const message = { ...team, message: key, key: `k${key}` };
      const acks = await Promise.all([first.ask("send_message", message), second.ask("send_message", message)]);
      expect(acks[0]).toEqual(acks[1]);
    }
    await settle([first, second], clients);
    for (const client of clients)
      expect(messagesOf(client).filter((message) => message !== "end")).toEqual([...Array(50).keys()]);
  });

  test("is another message when the user, the room or the namespace is another", async () => {
    const one = await gateway(env);
    const [ada, bob] = (await members([one, "ada"], [one, "bob"])) as [TestClient, TestClient];
    await ada.ask("join_room", { room: "other" });
    const elsewhere = ada.enter("/messaging");
    await elsewhere.next("connected");
    await elsewhere.ask("join_room", { room: "team" });
    const answers = [
      await ada.ask("send_message", team),
      await bob.ask("send_message", team),
      await ada.ask("send_message", { ...team, room: "other" }),
      await elsewhere.ask("send_message", team),
    ];
    expect(new Set(answers.map(({ id }) => id)).size).toBe(4);
    expect(messagesOf(ada)).toEqual(["hello", "hello", "hello"]);
    expect(messagesOf(elsewhere)).toEqual(["hello"]);
  });

  test("is not delivered again at the same gateway while Redis is away", async () => {
    const { redis, gateways } = await cluster(1, env);
    const [ada] = (await members([gateways[0]!, "ada"])) as [TestClient];
    await redis.kill();
    const { id } = await ada.ask("send_message", team);
    expect(await ada.ask("send_message", team)).toMatchObject({ success: true, id });
    expect(messagesOf(ada)).toEqual(["hello"]);
  });

  test("reaches each member once when a stock client sends it again by itself", async () => {
    const { redis, gateways } = await cluster(1, env);
    const client = await connect(gateways[0]!, { options: { retries: 1_000, ackTimeout: 100 } });
    await client.ask("join_room", { room: "team" });
    redis.pause();
    const answered = new Promise((resolve) =>
      client.socket.emit("send_message", team, (_: unknown, answer: unknown) => resolve(answer)),
    );
    // The gateway acknowledges the message when it stops waiting for Redis. By then the client has sent the message
    // several times.
    expect(await answered).toMatchObject({ success: true });
    redis.resume();
    await settle([client], [client]);
    expect(messagesOf(client)).toEqual(["hello", "end"]);
  });
});

describe("with recovery, a message with a key that was used before", () => {
  test("is recognized after a restart of an empty Redis, also by a gateway that started later", async () => {
    const { redis, gateways } = await cluster(2, on);
    const [ada, bob] = (await members([gateways[0]!, "ada"], [gateways[1]!, "bob"])) as [TestClient, TestClient];
    const { id } = await ada.ask("send_message", team);
    await bob.next("message");
    await redis.restart();
    const client = new Redis(redis.url);
    defer(() => client.disconnect());
    const isAppendedAgain = async () => (await client.llen("realtime:{realtime}:log-entries")) > 0;
    await until("the message to be in the log again", isAppendedAgain, 20_000, 20);
    const late = await gateway({ REDIS_ENABLED: "true", REDIS_URL: redis.url, ...on });
    await until("it to be ready", async () => (await callApi(late, "/readyz")).status === 200, 20_000, 20);
    for (const at of [gateways[1]!, late]) {
      const [again] = (await members([at, "ada"])) as [TestClient];
      expect(await again.ask("send_message", team)).toEqual({ success: true, id, stored: true });
      expect(messagesOf(again)).toEqual([]);
    }
  });

  test("reaches each member once when two gateways got it while Redis was away", async () => {
    const { redis, gateways } = await cluster(3, on);
    const clients = await members([gateways[0]!, "ada"], [gateways[1]!, "ada"], [gateways[2]!, "bob"]);
    const [first, second, third] = clients as [TestClient, TestClient, TestClient];
    await redis.kill();
    const answers = [await first.ask("send_message", team), await second.ask("send_message", team)];
    expect(answers[0]).toMatchObject({ success: true, stored: false });
    expect(answers[1]).toEqual(answers[0]);
    await redis.restart();
    await third.next("message");
    await until("Redis to have both", async () => (await second.ask("send_message", team))["stored"], 20_000, 50);
    await settle([first, second], clients);
    for (const client of clients) expect(messagesOf(client)).toEqual(["hello", "end", "end"]);
  });
});

test("every message of a stock client with retries arrives once and in order when its gateway is killed", async () => {
  const { url } = await redis();
  const env = { REDIS_ENABLED: "true", REDIS_URL: url, ...on };
  const [dying, living] = await Promise.all([child(env), child(env)]);
  for (const each of [dying, living])
    await until("it to be ready", async () => (await callApi(each, "/readyz")).status === 200, 30_000, 20);
  const [bob] = (await members([living, "bob"])) as [TestClient];
  // The balancer sends the first connection to the first gateway of this list.
  const ports = await balancer([dying, living]);
  const options = { retries: 1_000, ackTimeout: 3_000, reconnection: true, reconnectionDelay: 20 };
  const ada = await connect(ports, { options });
  await ada.ask("join_room", { room: "team" });
  const ask = (event: string, payload: object) =>
    ada.socket.emitWithAck(event, payload) as Promise<Record<string, unknown>>;
  const send = async (message: number): Promise<unknown> => {
    const answer = await ask("send_message", { room: "team", message, key: `k${message}` });
    if (answer["code"] !== "NOT_IN_ROOM") return answer;
    await ask("join_room", { room: "team" });
    return send(message);
  };
  const answers = [...Array(200).keys()].map(send);
  await until("some to arrive", async () => messagesOf(bob).length > 20, 20_000, 1);
  dying.kill("SIGKILL");
  for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ success: true });
  await until("all to arrive", async () => messagesOf(bob).length >= 200, 20_000, 5);
  expect(messagesOf(bob)).toEqual([...Array(200).keys()]);
});

test.each([
  ["is empty", ""],
  ["has 65 characters", "k".repeat(65)],
  ["is no string", 7],
])("a key is refused by name when it %s", async (_, key) => {
  const one = await gateway(on);
  const [ada] = (await members([one, "ada"])) as [TestClient];
  const answer = await ada.ask("send_message", { ...team, key });
  expect(answer).toMatchObject({ success: false, code: "INVALID_INPUT", error: expect.stringMatching(/^key/) });
});
