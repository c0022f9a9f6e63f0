import type { Socket } from "node:net";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { contract } from "../../src/contract.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { enterNamespace, openEngineClient } from "../support/engine-client.ts";

const on = stage();
let gateway: TestGateway;
beforeEach(async () => {
  gateway = await on.gateway();
});

test("a connection in both namespaces holds one seat, and has separate rooms in them", async () => {
  const events = await on.connect(gateway, { user: "ada", namespace: "/events" });
  const messaging = events.enter("/messaging");
  await messaging.next("connected");
  expect(gateway.ledger.state().connections).toBe(1);
  await events.ask("join_room", { room: "team" });
  expect(await messaging.ask("send_message", { room: "team", message: "hello" })).toMatchObject({
    code: "NOT_IN_ROOM",
  });
  messaging.socket.disconnect();
  expect(await events.ask("send_message", { room: "team", message: "still here" })).toMatchObject({ success: true });
  events.close();
  await until("the seat to be free", async () => gateway.ledger.state().connections === 0, 30_000, 5);
});

describe("a stock client's connection stays open when one of its namespaces is", () => {
  test.each<[what: string, packets: readonly string[]]>([
    ["left and entered again in one breath", ["41/messaging,", "40/messaging,"]],
    ["left, and asked for twice in one breath", ["41/messaging,", "40/messaging,", "40/messaging,"]],
    [
      "left and entered again, while the other is asked for once more",
      ["41/messaging,", "40/events,", "40/messaging,"],
    ],
  ])("%s", async (_what, packets) => {
    const token = await signToken(JWT_SECRET, { sub: "ada", rooms: ["*"] });
    const rawClient = await openEngineClient(gateway);
    for (const namespace of contract.namespaces) await enterNamespace(rawClient, namespace, token);
    const { _socket: tcp } = rawClient.socket as unknown as { _socket: Socket };
    // Send both packets in one TCP segment: packets of a client may arrive together.
    tcp.cork();
    for (const packet of packets)
      rawClient.socket.send(packet.startsWith("40") ? packet + JSON.stringify({ token }) : packet);
    tcp.uncork();
    const answered = () => rawClient.received.filter((text) => text.startsWith("40/messaging,")).length;
    await until("the second answer", async () => answered() === 2, 30_000, 5);
    for (const namespace of contract.namespaces) {
      rawClient.socket.send(`42${namespace},7["join_room",{"room":"team"}]`);
      expect(await rawClient.next(`43${namespace},7`)).toBe(`43${namespace},7[{"success":true,"participantCount":1}]`);
    }
    expect(answered()).toBe(2);
    expect(gateway.ledger.state().connections).toBe(1);
    rawClient.socket.close();
  });
});

test("keeps a client in a namespace that it requests again before it has the first answer", async () => {
  const token = await signToken(JWT_SECRET, { sub: "ada", rooms: ["*"] });
  const rawClient = await openEngineClient(gateway);
  await enterNamespace(rawClient, "/events", token);
  rawClient.socket.send(`40/events,${JSON.stringify({ token })}`);
  rawClient.socket.send('42/events,7["join_room",{"room":"team"}]');
  expect(await rawClient.next("43/events,7")).toBe('43/events,7[{"success":true,"participantCount":1}]');
  expect(rawClient.received.filter((text) => text.startsWith("40/events,"))).toHaveLength(1);
  rawClient.socket.close();
});

test("closes a connection when its client has left the last namespace", async () => {
  const rawClient = await openEngineClient(gateway);
  await enterNamespace(rawClient, "/events", await signToken(JWT_SECRET, { sub: "ada" }));
  rawClient.socket.send("41/events,");
  await rawClient.closed;
  await until("the seat to be free", async () => gateway.ledger.state().connections === 0, 30_000, 5);
});
