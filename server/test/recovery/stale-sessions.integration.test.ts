import { describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { until } from "../../../testkit/until.ts";
import { stage } from "../support/stage.ts";
import { ChangingRedis } from "./campaign/changing-redis.ts";
import { FaultyProxy } from "./campaign/faulty-proxy.ts";
import { connectedOf, cut, held, returning } from "./returning.ts";

const { gateway, connect, defer } = stage();

/** Starts two gateways. They use one Redis, each through its own proxy. */
async function linked(more: Record<string, string> = {}) {
  const redis = await ChangingRedis.start();
  defer(() => redis.stop());
  const links = [await FaultyProxy.start(), await FaultyProxy.start()] as const;
  for (const link of links) {
    defer(() => link.close());
    link.serve([redis.server.port]);
  }
  const start = ({ port }: FaultyProxy) => {
    const on = { REDIS_ENABLED: "true", RECOVERY_WINDOW_SECONDS: "60", ...more };
    return gateway({ ...on, REDIS_URL: `redis://127.0.0.1:${port}` });
  };
  const [one, two] = [await start(links[0]), await start(links[1])];
  await Promise.all([one.bus.whenReady(), two.bus.whenReady()]);
  return { redis, links, one, two };
}

describe("a session of which Redis has an old state", () => {
  test("is not recovered when Redis was failed over and its gateway has not written it again", async () => {
    const { redis, links, one, two } = await linked();
    const ada = await connect(one);
    await ada.ask("join_room", { room: "before" });
    const bob = await connect(two, { user: "bob" });
    await bob.ask("join_room", { room: "bob" });
    await redis.failOver(async () => void (await ada.ask("join_room", { room: "after" })));
    links[0].serve([]);
    links[1].serve([redis.server.port]);
    for (const link of links) link.cut(link.paths);
    const isStored = async () => (await bob.ask("send_message", { room: "bob", message: 1 }))["stored"] === true;
    await until("the other gateway to write again", isStored, 20_000, 50);
    await cut(ada, one);
    const again = await connect(two, await returning(held(ada)));
    expect(connectedOf(again)).toMatchObject({ recovered: false });
  });

  test("is not recovered when its client joined a room while its gateway was cut from Redis", async () => {
    const { links, one, two } = await linked();
    const ada = await connect(one);
    await ada.ask("join_room", { room: "before" });
    links[0].serve([]);
    links[0].cut(links[0].paths);
    expect(await ada.ask("join_room", { room: "after" })).toMatchObject({ success: true });
    await cut(ada, one);
    const again = await connect(two, await returning(held(ada)));
    expect(connectedOf(again)).toMatchObject({ recovered: false });
  });

  test("is recovered when it began after Redis had lost its data and before the log began again", async () => {
    const { redis, one, two } = await linked();
    const bob = await connect(two, { user: "bob" });
    await bob.ask("join_room", { room: "team" });
    const client = new Redis(redis.server.url);
    defer(() => client.disconnect());
    await client.flushall();
    const ada = await connect(one);
    await ada.ask("join_room", { room: "team" });
    const isStored = async () => (await bob.ask("send_message", { room: "team", message: 1 }))["stored"] === true;
    await until("the log to begin again", isStored, 20_000, 50);
    const eras = async () =>
      Promise.all((await client.keys("*:session:*")).map((session) => client.hget(session, "c")));
    await until("both sessions to have an era", async () => (await eras()).filter(Boolean).length === 2, 20_000, 50);
    await cut(ada, one);
    const again = await connect(two, await returning(held(ada)));
    expect(connectedOf(again)).toMatchObject({ recovered: true });
  });

  test("ends without a user_left on a gateway that was cut from Redis while another gateway took it over", async () => {
    const { redis, links, one, two } = await linked({ PRESENCE_GRACE_SECONDS: "1" });
    const ada = await connect(one);
    const bob = await connect(two, { user: "bob" });
    for (const client of [ada, bob]) await client.ask("join_room", { room: "team" });
    links[0].serve([]);
    links[0].cut(links[0].paths);
    const again = await connect(two, await returning(held(ada)));
    expect(connectedOf(again)).toMatchObject({ recovered: true });
    links[0].serve([redis.server.port]);
    await until("the old connection to end", async () => ada.disconnects.length > 0, 20_000, 10);
    const count = async () => (await two.ledger.presence("/events", "team")).participantCount;
    await until("two participants", async () => (await count()) === 2, 15_000, 10);
    await bob.ask("send_message", { room: "team", message: "hello" });
    expect(bob.all("user_left")).toEqual([]);
    await again.next("message");
  });
});
