import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import type { GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import { until } from "../../../testkit/until.ts";
import { cut, held, returning } from "../recovery/returning.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, startAppServer, type AppServer } from "./app-server.ts";
import { goneOf, goneUsers } from "./gone-sessions.ts";

const on = stage();
const BASE = "realtime:{realtime}:";
let app: AppServer;
let redis: Redis;
let dying: GatewayProcess;
let living: TestGateway;

beforeEach(async () => {
  app = await startAppServer();
  const server = await on.redis();
  redis = new Redis(server.url);
  on.defer(() => redis.disconnect());
  const env = {
    ...handlersEnvironment({ name: "lobby", url: app.url, hooks: ["gone"] }),
    ...{ REDIS_ENABLED: "true", REDIS_URL: server.url },
    ...{ RECOVERY_WINDOW_SECONDS: "120", PRESENCE_GRACE_SECONDS: "1" },
  };
  dying = await on.child(env);
  living = await on.gateway(env);
  await living.bus.whenReady();
  await until("both to beat", async () => (await redis.zcard(`${BASE}owners`)) === 2, 30_000, 50);
}, 60_000);
afterEach(() => app.stop());

async function kill(): Promise<void> {
  dying.kill("SIGKILL");
  await dying.ended;
}

describe("when a gateway is killed, the hook gone", () => {
  test("reports its clients that do not return, and none that does", async () => {
    const ada = await on.connect(dying, { user: "ada" });
    await ada.ask("join_room", { room: "team" });
    const bob = await on.connect(dying, { user: "bob" });
    await kill();
    await on.connect(living, await returning(held(bob), { user: "bob" }));
    const gone = await until("gone", async () => goneOf(app, "ada")[0], 40_000, 20);
    expect(gone.session).toMatchObject({ socketId: expect.any(String), rooms: ["team"], reason: "timeout" });
    await until("the sweep", async () => (await redis.zcard(`${BASE}owners`)) === 1, 30_000, 50);
    expect(goneUsers(app)).toEqual(["ada"]);
  }, 90_000);

  test("reports what the gateway had written and not reported", async () => {
    await app.stop();
    const ada = await on.connect(dying, { user: "ada" });
    ada.socket.disconnect();
    await until("the outbox", async () => (await redis.zcard(`${BASE}gone`)) === 1, 10_000, 10);
    await kill();
    await app.restart();
    await until("gone", async () => goneUsers(app).includes("ada"), 30_000, 20);
  }, 90_000);

  test("reports again what the gateway was reporting", async () => {
    // The service does not answer, so the report hangs in whichever gateway sends it.
    app.answer(() => new Promise(() => undefined));
    const bob = await on.connect(living, { user: "bob" });
    await cut(bob, living);
    await until("the request", async () => app.got.length === 1, 10_000, 10);
    app.answer(() => ({}));
    await kill();
    await until("gone", async () => goneUsers(app).length === 2, 30_000, 20);
    expect(goneUsers(app)).toEqual(["bob", "bob"]);
  }, 90_000);
});
