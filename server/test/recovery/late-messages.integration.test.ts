import { expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { stage } from "../support/stage.ts";
import { FaultyProxy } from "./campaign/faulty-proxy.ts";
import { held, returning } from "./returning.ts";

const { redis, gateway, connect, defer } = stage();

test("a client with a new session on a gateway without Redis does not get a message again that arrives there late", async () => {
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
  const before = held(ada);
  ada.socket.io._close();
  const again = await connect(two, await returning(before));
  expect(again.all("connected")).toMatchObject([{ recovered: false }]);
  await again.ask("join_room", { room: "team" });
  link.resumeAll();
  await bob.ask("send_message", { room: "team", message: 3 });
  await until("the third", async () => again.all("message").some(({ message }) => message === 3), 20_000, 10);
  expect(again.all("message").map(({ message }) => message)).toEqual([3]);
});
