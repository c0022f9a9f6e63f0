import { expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import type { GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { redisProxy, type RedisProxy } from "../support/redis-proxy.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const health = async (gateway: GatewayProcess) =>
  (await callApi(gateway, "/api/websocket/health")).body as { status: string };
const whole = (gateway: GatewayProcess) =>
  until("the gateway to be whole", async () => (await health(gateway)).status === "ok", 30_000, 20);

async function start(): Promise<{ proxy: RedisProxy; gateway: GatewayProcess; ada: TestClient }> {
  const proxy = await redisProxy(await on.redis());
  on.defer(() => proxy.close());
  // The gateway has its own process, because a wrong reply could crash it.
  const gateway = await on.child({ REDIS_ENABLED: "true", REDIS_URL: proxy.url });
  await whole(gateway);
  const ada = await on.connect(gateway, { user: "ada" });
  expect(await ada.ask("join_room", { room: "team" })).toMatchObject({ success: true });
  return { proxy, gateway, ada };
}

// Wrong replies that TCP itself cannot produce, but a proxy between the gateway and Redis can.
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

test("closes only the connection to Redis when a reply makes no sense", async () => {
  const { proxy, gateway, ada } = await start();
  for (const [name, bytes] of Object.entries(nonsense)) {
    proxy.insert(bytes);
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
  const { proxy, gateway, ada } = await start();
  proxy.silence();
  await until("all four to hang", async () => proxy.silent() >= 4, 30_000, 20);
  proxy.speak();
  await whole(gateway);
  expect(await ada.ask("join_room", { room: "another" })).toMatchObject({ success: true });
  expect(ada.disconnects).toEqual([]);
}, 60_000);
