import { describe, expect, test } from "@jest/globals";
import { metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { until } from "../../../testkit/until.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const { cluster, connect } = stage();
const reconnecting = { reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 20 };
const cursor = { room: "team", message: "cursor", volatile: true };

const messagesOf = (client: TestClient): unknown[] => client.all("message").map(({ message }) => message);

interface WebSocketOfClient {
  transport: { ws: { _socket: { pause(): void; resume(): void } } };
}

/** The TCP socket of a client. A test can pause it, so that the client reads nothing. */
function tcpOf({ socket }: TestClient): { pause(): void; resume(): void } {
  return (socket.io.engine as unknown as WebSocketOfClient).transport.ws._socket;
}

async function inTeam(at: TestGateway, user: string): Promise<TestClient> {
  const client = await connect(at, { user, options: reconnecting });
  await client.ask("join_room", { room: "team" });
  return client;
}

describe.each(["0", "120"])("with a recovery window of %s s, a volatile message", (RECOVERY_WINDOW_SECONDS) => {
  const env = { RECOVERY_WINDOW_SECONDS, WS_MAX_QUEUED_BYTES: String(512 * 1024 * 1024) };

  test("reaches members on every gateway, and its ack says that it is not stored", async () => {
    const { gateways } = await cluster(2, env);
    const [ada, bob] = [await inTeam(gateways[0]!, "ada"), await inTeam(gateways[1]!, "bob")];
    expect(await ada.ask("send_message", cursor)).toMatchObject({ success: true, stored: false });
    await bob.next("message");
    expect(messagesOf(ada)).toEqual(["cursor"]);
    expect(await metricOf(gateways[1]!, "realtime_unnumbered_messages_total")).toBe(0);
  });

  test("is dropped for a member that has not read earlier messages", async () => {
    const { gateways } = await cluster(2, env);
    const [one, two] = gateways as [TestGateway, TestGateway];
    const slow = await inTeam(two, "slow");
    const fast = await inTeam(two, "fast");
    const ada = await inTeam(one, "ada");
    tcpOf(slow).pause();
    const isSlow = (): boolean => {
      const all = [...two.gateway.connections.values()];
      return all.find(({ identity }) => identity?.userId === "slow")?.engine.transport.writable === false;
    };
    const data = "x".repeat(500_000);
    const fill = async (): Promise<boolean> => {
      two.gateway.io.of("/events").local.to("team").emit("bulk", data);
      return isSlow();
    };
    await until("the slow member's queue to fill", fill, 30_000, 0);
    await ada.ask("send_message", cursor);
    await fast.next("message");
    tcpOf(slow).resume();
    await ada.ask("send_message", { room: "team", message: "end" });
    for (const member of [slow, fast]) await member.next("message", ({ message }) => message === "end");
    expect(messagesOf(fast)).toEqual(["cursor", "end"]);
    expect(messagesOf(slow)).toEqual(["end"]);
  });

  test("is sent each time it arrives, even with a key that was used before", async () => {
    const { gateways } = await cluster(1, env);
    const ada = await inTeam(gateways[0]!, "ada");
    const keyed = { ...cursor, key: "k" };
    const answers = [await ada.ask("send_message", keyed), await ada.ask("send_message", keyed)];
    expect(new Set(answers.map(({ id }) => id)).size).toBe(2);
    expect(messagesOf(ada)).toEqual(["cursor", "cursor"]);
  });
});

test("a volatile message is not sent again to a client that returns, and does not count as missed", async () => {
  const { gateways } = await cluster(2, { RECOVERY_WINDOW_SECONDS: "120" });
  const [one, two] = gateways as [TestGateway, TestGateway];
  const [ada, bob] = [await inTeam(one, "ada"), await inTeam(two, "bob")];
  await ada.next("user_joined", ({ userId }) => userId === "bob");
  ada.socket.io.reconnection(false);
  for (const { engine } of one.gateway.connections.values()) engine.close(true);
  await until("the cut to be noticed", async () => ada.disconnects.length === 1, 10_000, 5);
  await bob.ask("send_message", cursor);
  await bob.ask("send_message", { room: "team", message: "kept" });
  await bob.ask("send_message", cursor);
  ada.socket.connect();
  await until("its return", async () => ada.all("connected").length === 2, 10_000, 5);
  await bob.ask("send_message", { room: "team", message: "end" });
  await ada.next("message", ({ message }) => message === "end");
  expect(ada.all("connected").at(-1)).toMatchObject({ recovered: true, missed: 1 });
  expect(messagesOf(ada)).toEqual(["kept", "end"]);
});
