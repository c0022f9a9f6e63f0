import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { until } from "../../lab/src/until.ts";
import { bundle } from "../build.ts";
import { startChildGateway } from "./support/child-gateway.ts";
import { callApi } from "./support/gateway.ts";
import { stage } from "./support/stage.ts";

const on = stage();

test("the bundle alone is a gateway: limits and bus over Redis, clients, a drain, and no package beside it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gateway-bundle-"));
  on.defer(() => rmSync(folder, { recursive: true, force: true }));
  const dist = join(folder, "dist");
  await bundle(dist);
  expect(readdirSync(dist).sort()).toEqual(["main.mjs", "main.mjs.map"]);
  const redis = await on.redis();
  const gateway = await startChildGateway({ REDIS_ENABLED: "true", REDIS_URL: redis.url }, ["--enable-source-maps"], join(dist, "main.mjs"));
  on.defer(() => gateway.kill("SIGKILL"));
  await until("readiness", async () => (await callApi(gateway, "/readyz")).status === 200, 15_000);
  const ada = await on.connect(gateway);
  expect(await ada.ask("join_room", { room: "team" })).toEqual({ success: true, participantCount: 1 });
  expect((await callApi(gateway, "/api/websocket/health")).body).toMatchObject({ status: "ok", cluster: { limits: "cluster" } });
  gateway.kill("SIGTERM");
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
}, 60_000);
