import { describe, expect, test } from "@jest/globals";
import { signToken } from "../../../testkit/sign-token.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { ClientOptions, TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { JWT_SECRET, type Ports } from "../../../testkit/gateway/gateway-settings.ts";
import { until } from "../../../testkit/until.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { connectedOf, cut, held, returning, type Held } from "./returning.ts";

const on = stage();
const recovery = { RECOVERY_WINDOW_SECONDS: "120" };
const back = async (to: Pick<Ports, "publicPort">, what: Held, settings?: ClientOptions): Promise<TestClient> =>
  on.connect(to, await returning(what, settings));

const post = (path: string, body: object) => async (gateway: TestGateway) =>
  expect(await callApi(gateway, path, { body })).toMatchObject({ status: 200 });
const endings: [string, (gateway: TestGateway) => Promise<void>][] = [
  ["a back end disconnects its user", post("/api/disconnect", { userId: "ada" })],
  ["its token is revoked", post("/api/revoke", { tokenId: "first", expiresInSeconds: 1 })],
  ["its user's tokens are revoked", post("/api/revoke", { userId: "ada", expiresInSeconds: 1 })],
];

/** Checks that the session is not recovered, even after the revocation has expired. */
async function expectUnknown(gateway: TestGateway, before: Held): Promise<void> {
  const token = await until(
    "a token that is accepted",
    async () => {
      const client = await on.open(gateway, { jti: "second" });
      await until("an answer", async () => client.seen.length > 0 || !client.socket.active, 10_000, 5);
      client.close();
      return client.all("connected").length > 0;
    },
    20_000,
    200,
  );
  expect(token).toBe(true);
  const again = await back(gateway, before, { jti: "second" });
  expect(connectedOf(again)).toMatchObject({ recovered: false });
  expect(held(again).pid).not.toBe(before.pid);
  expect(await metricOf(gateway, "realtime_recoveries_total", { result: "unknown" })).toBe(1);
}

describe("a session is over when", () => {
  test.each(endings)(
    "%s and its gateway is dead",
    async (_, end) => {
      const redis = await on.redis();
      const shared = { ...recovery, REDIS_ENABLED: "true", REDIS_URL: redis.url };
      const [killed, stays] = [await on.child(shared), await on.gateway(shared)];
      await stays.bus.whenReady();
      const ada = await on.connect(killed, { jti: "first" });
      const bob = await on.connect(killed, { user: "bob", jti: "other" });
      killed.kill("SIGKILL");
      await killed.ended;
      await end(stays);
      await expectUnknown(stays, held(ada));
      expect(connectedOf(await back(stays, held(bob), { user: "bob" }))).toMatchObject({ recovered: true });
    },
    90_000,
  );

  test.each(endings)("%s and the client is away", async (_, end) => {
    const { gateways } = await on.cluster(2, recovery);
    const ada = await on.connect(gateways[0]!, { jti: "first" });
    const bob = await on.connect(gateways[1]!, { user: "bob" });
    for (const client of [bob, ada]) await client.ask("join_room", { room: "team" });
    const before = held(ada);
    await cut(ada, gateways[0]!);
    await end(gateways[1]!);
    expect(await bob.next("user_left")).toMatchObject({ userId: "ada", participantCount: 1 });
    await expectUnknown(gateways[1]!, before);
  });

  test.each(endings)("%s and the only gateway has no Redis", async (_, end) => {
    const gateway = await on.gateway(recovery);
    const ada = await on.connect(gateway, { jti: "first" });
    const before = held(ada);
    await cut(ada, gateway);
    await end(gateway);
    await expectUnknown(gateway, before);
  });

  test("the client's refreshed token is revoked, and not when its earlier token is", async () => {
    const { gateways } = await on.cluster(2, recovery);
    const ada = await on.connect(gateways[0]!, { jti: "first" });
    const token = await signToken(JWT_SECRET, { sub: "ada", rooms: ["*"], jti: "second" });
    expect(await ada.ask("refresh_token", { token })).toMatchObject({ success: true });
    const before = held(ada);
    await cut(ada, gateways[0]!);
    await post("/api/revoke", { tokenId: "first" })(gateways[1]!);
    const again = await back(gateways[1]!, before, { jti: "third" });
    expect(connectedOf(again)).toMatchObject({ recovered: true });
    const later = held(again);
    await cut(again, gateways[1]!);
    await post("/api/revoke", { tokenId: "third" })(gateways[0]!);
    expect(connectedOf(await back(gateways[0]!, later, { jti: "fourth" }))).toMatchObject({ recovered: false });
  });

  test.each([
    ["its socket", (gateway: TestGateway, socketId: string) => gateway.gateway.io.of("/events").in(socketId)],
    ["its room", (gateway: TestGateway) => gateway.gateway.io.of("/events").in("team")],
  ])("%s is disconnected by a back end through another gateway", async (_, members) => {
    const { gateways } = await on.cluster(2, recovery);
    const ada = await on.connect(gateways[0]!);
    await ada.ask("join_room", { room: "team" });
    const before = held(ada);
    members(gateways[1]!, ada.socket.id!).disconnectSockets(true);
    await until("it to be gone", async () => ada.disconnects.length > 0, 10_000, 5);
    expect(connectedOf(await back(gateways[1]!, before))).toMatchObject({ recovered: false });
  });

  test("its client has left while Redis was away", async () => {
    const redis = await on.redis({ args: ["--appendonly", "yes"] });
    const shared = { ...recovery, REDIS_ENABLED: "true", REDIS_URL: redis.url };
    const gateways = [await on.gateway(shared), await on.gateway(shared)];
    await Promise.all(gateways.map(({ bus }) => bus.whenReady()));
    const ada = await on.connect(gateways[0]!);
    const before = held(ada);
    const isExact = (gateway: TestGateway): boolean => gateway.ledger.state().mode === "cluster";
    await redis.kill();
    await until("its loss to be noticed", async () => !gateways.some(isExact), 30_000, 20);
    ada.socket.disconnect();
    await until("the end", async () => gateways[0]!.gateway.connections.size === 0, 10_000, 20);
    await redis.restart();
    await until("both to be whole", async () => gateways.every(isExact), 30_000, 20);
    await until("the log", async () => gateways.every(({ bus }) => bus.state().phase === "up"), 30_000, 20);
    expect(connectedOf(await back(gateways[1]!, before))).toMatchObject({ recovered: false });
  }, 90_000);
});

describe("a session continues when", () => {
  test("it is asked for in another namespace", async () => {
    const { gateways } = await on.cluster(2, recovery);
    const ada = await on.connect(gateways[0]!);
    const before = held(ada);
    await cut(ada, gateways[0]!);
    const other = await back(gateways[1]!, before, { namespace: "/messaging" });
    expect(connectedOf(other)).toMatchObject({ recovered: false });
    expect(connectedOf(await back(gateways[1]!, before))).toMatchObject({ recovered: true });
  });

  test("another user is disconnected, and when the same user was disconnected before it began", async () => {
    const { gateways } = await on.cluster(2, recovery);
    await post("/api/disconnect", { userId: "ada" })(gateways[0]!);
    const ada = await on.connect(gateways[0]!);
    await post("/api/disconnect", { userId: "bob" })(gateways[1]!);
    const before = held(ada);
    await cut(ada, gateways[0]!);
    expect(connectedOf(await back(gateways[1]!, before))).toMatchObject({ recovered: true });
  });
});
