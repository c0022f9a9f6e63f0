import { Redis } from "ioredis";
import { describe, expect, test } from "@jest/globals";
import type { ClientOptions, TestClient } from "../../../testkit/gateway/gateway-client.ts";
import type { GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import type { TestRedis } from "../../../testkit/redis.ts";
import { until } from "../../../testkit/until.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { connectedOf, held, returning, type Held } from "./returning.ts";

const on = stage();
const BASE = "realtime:{realtime}:";
const quick = { RECOVERY_WINDOW_SECONDS: "120", PRESENCE_GRACE_SECONDS: "1" };

interface Fleet {
  redis: TestRedis;
  client: Redis;
  dying: GatewayProcess[];
  living: TestGateway[];
}

async function fleet(dying: number, living: number, env: Record<string, string> = quick): Promise<Fleet> {
  const redis = await on.redis({ args: ["--appendonly", "yes"] });
  const client = new Redis(redis.url);
  client.on("error", () => undefined);
  on.defer(() => client.disconnect());
  const shared = { ...env, REDIS_ENABLED: "true", REDIS_URL: redis.url };
  const processes = await Promise.all(Array.from({ length: dying }, () => on.child(shared)));
  const gateways = await Promise.all(Array.from({ length: living }, () => on.gateway(shared)));
  await Promise.all(gateways.map(({ bus }) => bus.whenReady()));
  const all = dying + living;
  await until("all to beat", async () => (await client.zcard(`${BASE}owners`)) === all, 30_000, 50);
  await until(
    "all to know each other",
    async () => gateways.every(({ ledger }) => ledger.state().nodes === all),
    30_000,
  );
  return { redis, client, dying: processes, living: gateways };
}

async function kill(...gateways: GatewayProcess[]): Promise<void> {
  for (const gateway of gateways) gateway.kill("SIGKILL");
  await Promise.all(gateways.map(({ ended }) => ended));
}

const back = async (to: { publicPort: number }, what: Held, settings?: ClientOptions): Promise<TestClient> =>
  on.connect(to, await returning(what, settings));
/** Waits until a living gateway has ended all sessions of the dead gateways. */
const swept = ({ client, living }: Fleet): Promise<unknown> =>
  until("the sweep", async () => (await client.zcard(`${BASE}owners`)) === living.length, 60_000, 50);
const leftOf = (client: TestClient): unknown[] =>
  client
    .all("user_left")
    .map(({ userId }) => userId)
    .sort();

async function inRoom(to: { publicPort: number }, user: string, room = "team"): Promise<TestClient> {
  const client = await on.connect(to, { user });
  await client.ask("join_room", { room });
  return client;
}

describe("when a gateway is killed", () => {
  test("every other member gets one user_left for each member that does not return, with the new count", async () => {
    const all = await fleet(1, 2);
    const [one, two] = [await inRoom(all.living[0]!, "one"), await inRoom(all.living[1]!, "two")];
    const gone = [await inRoom(all.dying[0]!, "ann"), await inRoom(all.dying[0]!, "bea")];
    const returns = await inRoom(all.dying[0]!, "cid");
    await one.next("user_joined", ({ userId }) => userId === "cid");
    const joined = one.all("user_joined").length;
    const subscriber = await on.connect(all.dying[0]!, { user: "dan" });
    await subscriber.ask("subscribe:case", { caseId: "7" });
    await one.ask("subscribe:case", { caseId: "7" });
    await kill(all.dying[0]!);
    const again = await back(all.living[1]!, held(returns), { user: "cid" });
    expect(connectedOf(again)).toMatchObject({ recovered: true });
    await swept(all);
    for (const member of [one, two, again]) {
      await member.next("user_left", ({ userId }) => userId === "ann");
      await member.next("user_left", ({ userId }) => userId === "bea");
      expect(leftOf(member)).toEqual(["ann", "bea"]);
      // Check only the count in the second user_left. When the dead gateway's lease ends, both members are removed at
      // once, so the first user_left may already have the same count.
      expect(member.all("user_left")[1]).toMatchObject({
        room: "team",
        socketId: expect.any(String),
        participantCount: 3,
      });
    }
    expect(one.all("user_joined")).toHaveLength(joined);
    expect((await all.living[0]!.ledger.presence("/events", "team")).participantCount).toBe(3);
    expect(gone).toHaveLength(2);
  }, 90_000);

  test("a member that returns after the grace is recovered, and the others get user_joined", async () => {
    const all = await fleet(1, 1);
    const one = await inRoom(all.living[0]!, "one");
    const ann = await inRoom(all.dying[0]!, "ann");
    await kill(all.dying[0]!);
    expect(await one.next("user_left")).toMatchObject({ participantCount: 1 });
    await swept(all);
    const again = await back(all.living[0]!, held(ann), { user: "ann" });
    expect(connectedOf(again)).toMatchObject({ recovered: true, missed: 0 });
    await until("the second join", async () => one.all("user_joined").length === 2, 10_000, 5);
    expect(one.all("user_joined")[1]).toMatchObject({ socketId: again.socket.id, participantCount: 2 });
    expect(again.all("user_left")).toEqual([]);
  }, 90_000);

  test("its clients leave their rooms even when another gateway is killed at the same time, and one during the sweep", async () => {
    const all = await fleet(2, 1);
    const one = await inRoom(all.living[0]!, "one");
    const ann = await inRoom(all.dying[0]!, "ann");
    await inRoom(all.dying[1]!, "bea");
    await kill(...all.dying);
    // Create the state that remains if a gateway dies while it ends other gateways' sessions: it has marked them, but
    // not finished.
    for (const each of await all.client.keys(`${BASE}session:*`))
      if ((await all.client.hget(each, "u")) === "ann") await all.client.hset(each, "x", String(Date.now() - 20_000));
    await all.client.set(`${BASE}owners-lock`, "gonegone", "PX", 15_000);
    await swept(all);
    await one.next("user_left", ({ userId }) => userId === "bea");
    expect(leftOf(one)).toEqual(["ann", "bea"]);
    expect(ann.socket.connected).toBe(false);
  }, 120_000);

  test("a room of 100 or more members gets its count", async () => {
    const all = await fleet(1, 1);
    const one = await inRoom(all.living[0]!, "one");
    await Promise.all(Array.from({ length: 110 }, (_, index) => inRoom(all.dying[0]!, `member-${index}`)));
    await kill(all.dying[0]!);
    await swept(all);
    await one.next("presence", ({ participantCount }) => participantCount === 1);
    expect(one.all("user_left")).toHaveLength(99);
  }, 120_000);

  test("no member leaves when Redis restarts without its data", async () => {
    const all = await fleet(1, 2);
    const [one, two] = [await inRoom(all.living[0]!, "one"), await inRoom(all.living[1]!, "two")];
    await inRoom(all.dying[0]!, "ann");
    await kill(all.dying[0]!);
    await all.client.flushall();
    await until("the living to beat", async () => (await all.client.zcard(`${BASE}owners`)) === 2, 30_000, 50);
    await until("their sessions", async () => (await all.client.zcard(`${BASE}sessions`)) === 2, 60_000, 50);
    const again = await back(all.living[1]!, held(one), { user: "one" });
    expect(connectedOf(again)).toMatchObject({ recovered: true });
    expect([leftOf(two), leftOf(again)]).toEqual([[], []]);
  }, 120_000);
});

describe("when a gateway stops", () => {
  test("normally, its clients that do not return leave their rooms after the grace", async () => {
    const all = await fleet(1, 1, { ...quick, DRAIN_TIMEOUT_SECONDS: "5" });
    const one = await inRoom(all.living[0]!, "one");
    await inRoom(all.dying[0]!, "ann");
    all.dying[0]!.kill("SIGTERM");
    await all.dying[0]!.ended;
    expect(await one.next("user_left")).toMatchObject({ userId: "ann", participantCount: 1 });
    await swept(all);
    expect(leftOf(one)).toEqual(["ann"]);
  }, 90_000);

  test("answering for a while, its clients leave their rooms, and join again without a reconnect when it continues", async () => {
    const all = await fleet(1, 1);
    const one = await inRoom(all.living[0]!, "one");
    const ann = await inRoom(all.dying[0]!, "ann");
    all.dying[0]!.kill("SIGSTOP");
    await one.next("user_left");
    await swept(all);
    all.dying[0]!.kill("SIGCONT");
    await until("the second join", async () => one.all("user_joined").length === 2, 30_000, 5);
    expect(one.all("user_joined")[1]).toMatchObject({ userId: "ann", participantCount: 2 });
    expect([ann.socket.connected, leftOf(one)]).toEqual([true, ["ann"]]);
  }, 90_000);
});
