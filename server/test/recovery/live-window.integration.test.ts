import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { expect, test } from "@jest/globals";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { JWT_SECRET, type Ports } from "../../../testkit/gateway/gateway-settings.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { until } from "../../../testkit/until.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const { cluster, gateway, connect, defer } = stage();

const off = { RECOVERY_WINDOW_SECONDS: "0" };

let generation = 0;
const setWindow = async (gateways: readonly TestGateway[], windowSeconds: number): Promise<void> => {
  generation += 1;
  for (const each of gateways) {
    const body = { generation, recovery: { windowSeconds } };
    expect(await callApi(each, "/config", { method: "PUT", body })).toMatchObject({ status: 200 });
  }
};
const isOn = (gateways: readonly TestGateway[]) =>
  until(
    "every gateway to write offsets",
    async () =>
      (await Promise.all(gateways.map((each) => metricOf(each, "realtime_recovery_window_seconds")))).every(Boolean),
    10_000,
    20,
  );

interface Held {
  pid: string | undefined;
  offset: string | undefined;
}

/** The pid and the offset that a stock client sends when it returns. */
function held({ socket }: TestClient): Held {
  const { _pid: pid, _lastOffset: offset } = socket as unknown as { _pid?: string; _lastOffset?: string };
  return { pid, offset };
}

async function back(to: Pick<Ports, "publicPort">, what: Held, user = "ada"): Promise<TestClient> {
  const token = await signToken(JWT_SECRET, { sub: user, rooms: ["*"] });
  return connect(to, { user, options: { auth: { token, ...what } } });
}

function cut({ socket }: TestClient): void {
  (socket.io.engine as unknown as { transport: { ws: { close(): void } } }).transport.ws.close();
}

const connectedOf = (client: TestClient) => client.all("connected").at(-1)!;
const messages = (client: TestClient): unknown[] => client.all("message").map(({ message }) => message);

/**
 * Makes each gateway send the messages 1, 2, 3 and so on. The returned function stops this, and returns how many
 * messages each gateway has sent.
 */
function publishing(gateways: readonly TestGateway[]): () => Promise<number> {
  let isStopped = false;
  let count = 0;
  const running = (async () => {
    while (!isStopped) {
      count += 1;
      for (const [index, { gateway: sender }] of gateways.entries())
        sender.io
          .of("/events")
          .to("team")
          .emit("message", { message: [index, count] });
      await sleep(1);
    }
  })();
  const stop = async (): Promise<number> => {
    isStopped = true;
    await running;
    return count;
  };
  defer(stop);
  return stop;
}

test("loses no message and no connection when the window goes to 0 and back to 120 under traffic", async () => {
  const { gateways } = await cluster(2);
  const watchers = await Promise.all(gateways.map((each, index) => connect(each, { user: `user-${index}` })));
  for (const watcher of watchers) await watcher.ask("join_room", { room: "team" });
  const stop = publishing(gateways);
  for (let round = 0; round < 3; round += 1) {
    await setWindow(gateways, 0);
    await sleep(20);
    await setWindow(gateways, 120);
    await isOn(gateways);
  }
  const count = await stop();
  for (const watcher of watchers) {
    await until("the last message", async () => messages(watcher).length >= 2 * count, 10_000, 10);
    for (const index of gateways.keys()) {
      const numbers = messages(watcher).flatMap((message) => {
        const [sender, number] = message as [number, number];
        return sender === index ? [number] : [];
      });
      expect(numbers).toEqual(Array.from({ length: count }, (_, before) => before + 1));
    }
    expect(watcher.disconnects).toEqual([]);
  }
});

test("recovers a client on another gateway when it connected after recovery was turned on", async () => {
  const { gateways } = await cluster(2, off);
  const [one, two] = gateways;
  const before = await connect(one!, { user: "early" });
  expect(held(before)).toEqual({ pid: undefined, offset: undefined });
  await setWindow(gateways, 120);
  await isOn(gateways);
  const ada = await connect(one!);
  const bob = await connect(two!, { user: "bob" });
  for (const client of [before, ada, bob]) await client.ask("join_room", { room: "team" });
  expect(await bob.ask("send_message", { room: "team", message: 1 })).toMatchObject({ success: true, stored: true });
  await until("the first message", async () => messages(ada).length === 1, 5_000, 5);
  const what = held(ada);
  cut(ada);
  await bob.ask("send_message", { room: "team", message: 2 });
  const again = await back(two!, what);
  expect(connectedOf(again)).toMatchObject({ recovered: true, missed: 1 });
  await until("what was missed", async () => messages(again).length === 1, 5_000, 5);
  expect(messages(again)).toEqual([2]);
  expect(messages(before)).toEqual([1, 2]);
});

test("ends sessions and leaves nothing in Redis when recovery is turned off", async () => {
  const { gateways, redis } = await cluster(2, { RECOVERY_WINDOW_SECONDS: "120" });
  const [one, two] = gateways;
  const ada = await connect(one!);
  const bob = await connect(two!, { user: "bob" });
  for (const client of [bob, ada]) await client.ask("join_room", { room: "team" });
  await bob.next("user_joined");
  const what = held(ada);
  cut(ada);
  await until("the gateway to notice", async () => one!.gateway.connections.size === 0, 5_000, 5);
  await setWindow(gateways, 0);
  // The grace after ada's disconnect has not passed, but with recovery off she cannot return to her session. So bob is
  // told that she left.
  await bob.next("user_left");
  const client = new Redis(redis.url);
  defer(() => client.disconnect());
  await until("the sessions to be gone", async () => (await client.keys("*session:*")).length === 0, 5_000, 10);
  const expiry = async (name: string) => client.pttl(`realtime:{realtime}:${name}`);
  for (const name of ["log-entries", "log-meta", "log-chunks"])
    await until(`${name} to expire soon`, async () => (await expiry(name)) <= 60_000, 5_000, 10);

  const again = await back(one!, what);
  expect(held(again).pid).toBeUndefined();
  expect(connectedOf(again)).not.toHaveProperty("recovered");
  expect(await bob.ask("send_message", { room: "team", message: 1 })).not.toHaveProperty("stored");
  await until("the message", async () => messages(bob).length === 1, 5_000, 5);
  // Bob connected before recovery was turned off, and is no longer recoverable. So he leaves his rooms as soon as he
  // disconnects.
  await again.ask("join_room", { room: "team" });
  cut(bob);
  await again.next("user_left");
});

test("does not recover a session from before recovery was off", async () => {
  const { gateways } = await cluster(2, { RECOVERY_WINDOW_SECONDS: "120" });
  const [one, two] = gateways;
  const ada = await connect(one!);
  await ada.ask("join_room", { room: "team" });
  const what = held(ada);
  cut(ada);
  await setWindow(gateways, 0);
  one!.gateway.io.of("/events").to("team").emit("message", { message: "unnumbered" });
  await setWindow(gateways, 120);
  await isOn(gateways);
  const again = await back(two!, what);
  expect(connectedOf(again)).toMatchObject({ recovered: false, missed: 0 });
  expect(held(again).pid).toEqual(expect.any(String));
  expect(held(again).pid).not.toBe(what.pid);
});

test("does not recover an offset from before recovery was off when its session is still in Redis", async () => {
  const { gateways } = await cluster(2, { RECOVERY_WINDOW_SECONDS: "120" });
  const [one, two] = gateways;
  const ada = await connect(one!);
  await ada.ask("join_room", { room: "team" });
  const what = held(ada);
  // Close the gateway without ending its sessions, as if it was killed: the session stays in Redis.
  await one!.close();
  await setWindow([two!], 0);
  two!.gateway.io.of("/events").to("team").emit("message", { message: "unnumbered" });
  await setWindow([two!], 120);
  await isOn([two!]);
  const again = await back(two!, what);
  expect(connectedOf(again)).toMatchObject({ recovered: false, missed: 0 });
  expect(await metricOf(two!, "realtime_recoveries_total", { result: "too_old" })).toBe(1);
});

test("turns recovery on and off at once when a gateway has no Redis", async () => {
  const one = await gateway(off);
  await setWindow([one], 60);
  const ada = await connect(one);
  await ada.ask("join_room", { room: "team" });
  const what = held(ada);
  cut(ada);
  one.gateway.io.of("/events").to("team").emit("message", { message: "missed" });
  const again = await back(one, what);
  expect(connectedOf(again)).toMatchObject({ recovered: true, missed: 1 });
  await setWindow([one], 0);
  const fresh = await back(one, held(again));
  expect(connectedOf(fresh)).not.toHaveProperty("recovered");
});

test("refuses a window that is too long, and keeps the one before", async () => {
  const one = await gateway({ RECOVERY_WINDOW_SECONDS: "60" });
  const { status, body } = await callApi(one, "/config", {
    method: "PUT",
    body: { generation: 1, recovery: { windowSeconds: 4_000 } },
  });
  expect([status, body]).toMatchObject([
    400,
    { message: "recovery.windowSeconds must be a whole number of seconds from 0 to 3600; 0 turns recovery off" },
  ]);
  expect((await callApi(one, "/config")).body).toMatchObject({ recovery: { windowSeconds: 60 } });
});
