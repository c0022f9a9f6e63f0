import { expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import type { GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { redisWire } from "../support/redis-wire.ts";
import type { RedisWire } from "../support/redis-wire.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const health = async (gateway: GatewayProcess) =>
  (await callApi(gateway, "/api/websocket/health")).body as { status: string };
const whole = (gateway: GatewayProcess) =>
  until("the gateway to be whole", async () => (await health(gateway)).status === "ok", 30_000, 20);

async function start(): Promise<{ wire: RedisWire; gateway: GatewayProcess; ada: TestClient }> {
  const wire = await redisWire(await on.redis());
  on.defer(() => wire.close());
  // In a process of its own, which would end with it.
  const gateway = await on.child({ REDIS_ENABLED: "true", REDIS_URL: wire.url });
  await whole(gateway);
  const ada = await on.connect(gateway, { user: "ada" });
  expect(await ada.ask("join_room", { room: "team" })).toMatchObject({ success: true });
  return { wire, gateway, ada };
}

// What TCP does not let happen, and what stands between may do all the same.
const nonsense = {
  "a null": "_\r\n",
  "an empty list": "*0\r\n",
  "a list of nulls": "*3\r\n_\r\n_\r\n_\r\n",
  "a message without a channel": ">1\r\n$7\r\nmessage\r\n",
  "a message of nulls": ">3\r\n$7\r\nmessage\r\n_\r\n_\r\n",
  "a subscription to nothing": ">3\r\n$9\r\nsubscribe\r\n_\r\n_\r\n",
  "another script's answer": "*2\r\n$6\r\nglobal\r\n:7\r\n",
  "bytes that are no RESP": "hello\r\n",
  "a list longer than there can be": "*99999999999\r\n",
};

test("what makes no sense on the wire from Redis costs connections to Redis and nothing more", async () => {
  const { wire, gateway, ada } = await start();
  for (const [name, bytes] of Object.entries(nonsense)) {
    wire.insert(bytes);
    for (const room of ["a", "b"]) {
      expect([name, await ada.ask("join_room", { room })]).toMatchObject([name, { success: true }]);
      expect([name, await ada.ask("leave_room", { room })]).toMatchObject([name, { success: true }]);
    }
    await whole(gateway);
  }
  expect(ada.disconnects).toEqual([]);
  expect(gateway.log().filter(({ level }) => Number(level) >= 50)).toEqual([]);
}, 120_000);

test("connections that Redis has taken and never answers are given up, and the gateway is whole again", async () => {
  const { wire, gateway, ada } = await start();
  wire.silence();
  await until("all four to hang", async () => wire.silent() >= 4, 30_000, 20);
  wire.speak();
  await whole(gateway);
  expect(await ada.ask("join_room", { room: "another" })).toMatchObject({ success: true });
  expect(ada.disconnects).toEqual([]);
}, 60_000);
