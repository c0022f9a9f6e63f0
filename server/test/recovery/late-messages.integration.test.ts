import { expect, test } from "@jest/globals";
import { signToken } from "../../../testkit/sign-token.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import { until } from "../../../testkit/until.ts";
import { stage } from "../support/stage.ts";
import { FaultyProxy } from "./campaign/faulty-proxy.ts";

const { redis, gateway, connect, defer } = stage();

test("a client that begins again on a gateway without Redis does not get what it had when that arrives late", async () => {
  const { url, port } = await redis();
  const link = await FaultyProxy.start();
  defer(() => link.close());
  link.serve([port]);
  const env = { REDIS_ENABLED: "true", RECOVERY_WINDOW_SECONDS: "60" };
  const [one, two] = await Promise.all([
    gateway({ ...env, REDIS_URL: url }),
    gateway({ ...env, REDIS_URL: `redis://127.0.0.1:${link.port}` }),
  ]);
  await Promise.all([one.bus.whenReady(), two.bus.whenReady()]);
  const [ada, bob] = [await connect(one), await connect(one, { user: "bob" })];
  for (const client of [ada, bob]) await client.ask("join_room", { room: "team" });
  link.stallAll();
  for (const message of [1, 2]) await bob.ask("send_message", { room: "team", message });
  await until("both messages", async () => ada.all("message").length === 2, 10_000, 10);
  const { _pid: pid, _lastOffset: offset } = ada.socket as unknown as { _pid: string; _lastOffset: string };
  ada.socket.io._close();
  const token = await signToken(JWT_SECRET, { sub: "ada", rooms: ["*"] });
  const again = await connect(two, { options: { auth: { token, pid, offset } } });
  expect(again.all("connected")).toMatchObject([{ recovered: false }]);
  await again.ask("join_room", { room: "team" });
  link.resumeAll();
  await bob.ask("send_message", { room: "team", message: 3 });
  await until("the third", async () => again.all("message").some(({ message }) => message === 3), 20_000, 10);
  expect(again.all("message").map(({ message }) => message)).toEqual([3]);
});
