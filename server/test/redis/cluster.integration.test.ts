import { beforeEach, describe, expect, test } from "@jest/globals";
import { Emitter } from "@socket.io/redis-emitter";
import { Redis } from "ioredis";
import { signToken } from "../../../testkit/sign-token.ts";
import { until } from "../../../testkit/until.ts";
import { contract } from "../../src/contract.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import type { TestGateway } from "../support/gateway.ts";
import type { TestRedis } from "../../../testkit/redis.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const [events] = contract.namespaces;
let redis: TestRedis;
let a: TestGateway;
let b: TestGateway;

async function startBoth(env: Record<string, string> = {}): Promise<void> {
  const cluster = await on.cluster(2, env);
  redis = cluster.redis;
  [a, b] = cluster.gateways as [TestGateway, TestGateway];
}

describe("two gateways on one Redis are one cluster", () => {
  beforeEach(() => startBoth());

  test.each(contract.namespaces)(
    "a message reaches every member in %s once, in order, on whichever gateway they are",
    async (namespace) => {
      const [ada, bob, eve] = [
        await on.connect(a, { namespace, user: "ada" }),
        await on.connect(b, { namespace, user: "bob" }),
        await on.connect(b, { namespace, user: "eve" }),
      ];
      for (const client of [ada, bob]) await client.ask("join_room", { room: "team" });
      const numbers = Array.from({ length: 50 }, (_, index) => index);
      await Promise.all(numbers.map((number) => ada.ask("send_message", { room: "team", message: number })));
      for (const client of [ada, bob]) {
        await client.next("message", ({ message }) => message === 49);
        expect(client.all("message").map(({ message }) => message)).toEqual(numbers);
      }
      expect(eve.all("message")).toEqual([]);
    },
  );

  test("announces joins and leaves on both gateways, with the count of the whole cluster", async () => {
    const [ada, bob, eve] = [
      await on.connect(a, { user: "ada" }),
      await on.connect(b, { user: "bob" }),
      await on.connect(b, { user: "eve" }),
    ];
    for (const [index, client] of [ada, bob, eve].entries()) {
      expect(await client.ask("join_room", { room: "team" })).toEqual({ success: true, participantCount: index + 1 });
    }
    await ada.next("user_joined", ({ userId }) => userId === "eve");
    expect(ada.all("user_joined")).toEqual([
      { room: "team", socketId: bob.socket.id, userId: "bob", participantCount: 2 },
      { room: "team", socketId: eve.socket.id, userId: "eve", participantCount: 3 },
    ]);
    eve.close();
    expect(await ada.next("user_left")).toMatchObject({ userId: "eve", participantCount: 2 });
    expect((await callApi(a, "/api/presence?room=team")).body).toMatchObject({
      participantCount: 2,
      users: expect.arrayContaining(["ada", "bob"]),
    });
    expect((await callApi(b, "/api/presence?room=team")).body).toMatchObject({ participantCount: 2 });
  });

  test("an event that a back end publishes on one gateway reaches clients of the other, and a repeated key sends nothing", async () => {
    const bob = await on.connect(b, { user: "bob" });
    await bob.ask("subscribe:case", { caseId: "7" });
    const publish = (gateway: TestGateway, data: number) =>
      callApi(gateway, "/api/publish", { body: { caseId: "7", event: "case:updated", data, idempotencyKey: "once" } });
    expect((await publish(a, 1)).body).toEqual({ published: true, stored: true });
    expect(await bob.next("case:updated")).toBe(1);
    expect((await publish(b, 2)).body).toEqual({ published: false, duplicate: true });
    await bob.ask("unsubscribe:case", { caseId: "7" });
    expect(bob.all("case:updated")).toEqual([1]);
  });

  test("the stock redis-emitter reaches clients on both", async () => {
    const clients = [await on.connect(a, { user: "ada" }), await on.connect(b, { user: "bob" })];
    for (const client of clients) await client.ask("subscribe:case", { caseId: "7" });
    const publisher = new Redis({ port: redis.port });
    on.defer(() => publisher.disconnect());
    new Emitter(publisher, { key: "realtime" }).of(events).to("case:7").emit("case:updated", { state: "open" });
    for (const client of clients) expect(await client.next("case:updated")).toEqual({ state: "open" });
  });

  test.each<{ name: string; body: (jti: string) => object }>([
    { name: "of a token", body: (jti) => ({ tokenId: jti }) },
    { name: "of a user", body: () => ({ userId: "ada" }) },
  ])(
    "a revocation $name made on one gateway closes connections on the other, and is known to both",
    async ({ body }) => {
      // A user's token of the last two seconds could be newer than the revocation, and is refused only for now.
      const token = await signToken(JWT_SECRET, { sub: "ada", jti: "one", secondsOld: 60 });
      const ada = await on.connect(b, { token });
      const bob = await on.connect(b, { user: "bob" });
      await callApi(a, "/api/revoke", { body: body("one") });
      expect(await ada.next("error")).toMatchObject({ code: "UNAUTHENTICATED" });
      await until("ada to be closed", async () => ada.disconnects.length === 1, 30_000, 5);
      for (const gateway of [a, b])
        expect(await on.refused(gateway, { token })).toMatchObject({ code: "UNAUTHENTICATED" });
      expect(bob.socket.connected).toBe(true);
    },
  );

  test("disconnects a user on both gateways at the request of one, and the user may reconnect", async () => {
    const clients = [await on.connect(a, { user: "ada" }), await on.connect(b, { user: "ada" })];
    const bob = await on.connect(b, { user: "bob" });
    expect((await callApi(a, "/api/disconnect", { body: { userId: "ada" } })).body).toEqual({ disconnectedHere: 1 });
    await until(
      "ada to be closed twice",
      async () => clients.every(({ disconnects }) => disconnects.length === 1),
      30_000,
      5,
    );
    await on.connect(a, { user: "ada" });
    expect(bob.socket.connected).toBe(true);
  });
});

describe("limits count over the whole cluster:", () => {
  test("connections of a user on all gateways, and a closed one frees its seat", async () => {
    await startBoth({ WS_MAX_CONNECTIONS_PER_USER: "2" });
    const first = await on.connect(a);
    await on.connect(b);
    for (const gateway of [a, b])
      expect(await on.refused(gateway)).toMatchObject({ code: "CONNECTION_LIMIT_EXCEEDED" });
    first.close();
    await until("the seat to be free", async () => on.connect(b), 30_000, 20);
  });

  test("all connections", async () => {
    await startBoth({ WS_MAX_GLOBAL_CONNECTIONS: "2" });
    await on.connect(a, { user: "ada" });
    await on.connect(b, { user: "bob" });
    for (const gateway of [a, b]) await on.turnedAway(gateway, "GLOBAL_LIMIT_EXCEEDED", { user: "eve" });
  });

  test("rooms of a user", async () => {
    await startBoth({ WS_MAX_ROOMS_PER_USER: "2" });
    const [here, there] = [await on.connect(a), await on.connect(b)];
    await here.ask("join_room", { room: "one" });
    await there.ask("join_room", { room: "two" });
    expect(await here.ask("join_room", { room: "three" })).toMatchObject({
      code: "ROOM_LIMIT_EXCEEDED",
      currentRoomCount: 2,
    });
    expect(await here.ask("join_room", { room: "two" })).toMatchObject({ success: true });
  });

  test("events of a user: never more than the limit, on whichever gateways they are sent", async () => {
    await startBoth({ WS_RATE_LIMIT_EVENTS_PER_MINUTE: "20" });
    const clients = [await on.connect(a), await on.connect(b)];
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => clients[index % 2]!.ask("leave_room", { room: "none" })),
    );
    const allowed = answers.filter(({ code }) => code === "NOT_IN_ROOM").length;
    expect(allowed).toBeLessThanOrEqual(20);
    expect(allowed).toBeGreaterThan(10);
  });

  test("handshakes of an address", async () => {
    await startBoth({ WS_MAX_CONNECTIONS_PER_ADDRESS: "2" });
    await on.connect(a, { user: "ada" });
    await on.connect(b, { user: "bob" });
    for (const gateway of [a, b]) await on.turnedAway(gateway, "ADDRESS_LIMIT_EXCEEDED", { user: "eve" });
  });
});
