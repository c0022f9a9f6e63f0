import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis, type TestRedis } from "../../../testkit/redis.ts";
import { redisConfig } from "../../src/manifests/redis/redis-config-map.ts";
import { templateVersions } from "../../src/manifests/shared/pod-release.ts";
import { goldenCase } from "./golden-case.ts";

let redis: TestRedis;
let client: Redis;
const folder = mkdtempSync(join(tmpdir(), "realtime-redis-config-"));

/**
 * Starts Redis with the redis.conf of the manifest. Only its port and its folders are changed to those of this machine.
 */
beforeAll(async () => {
  const { cluster, manifests } = goldenCase("everything");
  const secret = manifests.find(({ kind }) => kind === "Secret")?.["data"] as Record<string, string>;
  writeFileSync(join(folder, "redis-auth.conf"), Buffer.from(secret["redis-auth.conf"] ?? "", "base64"));
  const lines = redisConfig(cluster, templateVersions.redis.newest)
    .replaceAll("/etc/redis-auth", folder)
    .split("\n")
    .filter((line) => !/^(port|dir|bind) /.test(line));
  writeFileSync(join(folder, "redis.conf"), lines.join("\n"));
  redis = await startRedis({ args: ["--include", join(folder, "redis.conf")] });
  client = new Redis(redis.port, redis.host, {
    password: Buffer.from(secret["redis-password"] ?? "", "base64").toString(),
    retryStrategy: null,
  });
}, 60_000);
afterAll(async () => {
  client.disconnect();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function setting(name: string): Promise<string> {
  const [, value = ""] = (await client.config("GET", name)) as [string, string];
  return value;
}

test("a real Redis starts with the rendered configuration and reports its values", async () => {
  const settings = ["maxmemory", "maxmemory-policy", "appendonly", "appendfsync", "save", "tcp-keepalive"];
  const values = Object.fromEntries(
    await Promise.all(settings.map(async (name): Promise<[string, string]> => [name, await setting(name)])),
  );
  expect(values).toEqual({
    maxmemory: "1610612736",
    "maxmemory-policy": "noeviction",
    appendonly: "yes",
    appendfsync: "everysec",
    save: "",
    "tcp-keepalive": "60",
  });
  expect(await setting("client-output-buffer-limit")).toContain("pubsub 33554432 8388608 60");
});

test("a real Redis requires the password of the auth Secret", async () => {
  const stranger = new Redis(redis.port, redis.host, { retryStrategy: null });
  stranger.on("error", () => undefined);
  await expect(stranger.ping()).rejects.toThrow(/NOAUTH/);
  stranger.disconnect();
});
