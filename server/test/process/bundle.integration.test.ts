import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload, type SourceMapping } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeEach, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { bundle } from "../../build.ts";
import { startGatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import { startCollector } from "../support/collector.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import { shipped } from "../../../testkit/gateway/shipped-gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();
let dist: string;
beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), "gateway-bundle-"));
  on.defer(() => rmSync(folder, { recursive: true, force: true }));
  dist = join(folder, "dist");
  await bundle(dist);
});

/** Starts the bundle as the image does. There is no node_modules folder next to it. */
async function startBundle(env: Record<string, string>) {
  const gateway = await startGatewayProcess({ ...shipped.env, ...env }, shipped.flags, join(dist, "main.mjs"));
  on.defer(() => gateway.kill("SIGKILL"));
  return gateway;
}

test("the bundle runs as a gateway without any package next to it: limits and bus over Redis, clients, a drain", async () => {
  // Delete the optional chunks: the gateway must load them only if error tracking or tracing is configured.
  const lazy = readdirSync(dist).filter((file) => /^(error-tracking|tracing)-/.test(file));
  expect(lazy).toHaveLength(4);
  for (const file of lazy) rmSync(join(dist, file));
  const redis = await on.redis();
  const gateway = await startBundle({ REDIS_ENABLED: "true", REDIS_URL: redis.url });
  await until("readiness", async () => (await callApi(gateway, "/readyz")).status === 200, 30_000);
  const ada = await on.connect(gateway);
  expect(await ada.ask("join_room", { room: "team" })).toEqual({ success: true, participantCount: 1 });
  const isWhole = async () => {
    const { status, cluster } = (await callApi(gateway, "/api/websocket/health")).body as {
      status: string;
      cluster: { limits: string };
    };
    return status === "ok" && cluster.limits === "cluster";
  };
  await until("the cluster's limits", isWhole, 30_000);
  gateway.kill("SIGTERM");
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
}, 60_000);

test("the bundle contains error tracking and traces", async () => {
  const collector = await startCollector();
  on.defer(() => collector.close());
  const at = `127.0.0.1:${collector.port}`;
  const gateway = await startBundle({
    SENTRY_DSN: `http://publickey@${at}/7`,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${at}`,
    OTEL_TRACES_SAMPLER: "always_on",
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=hunter2",
  });
  await on.connect(gateway);
  gateway.kill("SIGTERM");
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
  expect(collector.received).toMatchObject([{ path: "/v1/traces", headers: { "x-key": "hunter2" } }]);
}, 60_000);

// The source map must be small: at the first stack trace, Node decodes all of it and keeps the result in memory.
test("the source map contains our lines and none of packages", () => {
  const [file = ""] = readdirSync(dist).filter((name) => /^main-\w+\.mjs$/.test(name));
  const map = new SourceMap(JSON.parse(readFileSync(join(dist, `${file}.map`), "utf8")) as SourceMapPayload);
  const program = readFileSync(join(dist, file), "utf8").split("\n");
  const originOf = (text: string) => {
    const line = program.findIndex((candidate) => candidate.includes(text));
    return map.findEntry(line, program[line]?.indexOf(text) ?? 0) as Partial<SourceMapping>;
  };
  expect(originOf('"gateway stopped"').originalSource).toMatch(/server\/src\/|\.\.\/src\//);
  // Code of a package is mapped to the first line of its file, because the map has no other line of it.
  expect(originOf("val is not a non-empty string or a valid number")).toMatchObject({
    originalSource: expect.stringMatching(/ms\/index\.js$/),
    originalLine: 0,
  });
});

test("the bundle listens for signals before it does anything else", () => {
  const program = readFileSync(join(dist, "main.mjs"), "utf8");
  const chunks = [...program.matchAll(/^import .*"\.\/(chunk-\w+\.mjs)";$/gm)].map(([, file = ""]) =>
    readFileSync(join(dist, file), "utf8"),
  );
  const ours = [...chunks, program].flatMap((text) =>
    [...text.matchAll(/^\/\/ .*\/?src\/([\w/-]+)\.ts$/gm)].map(([, file]) => file),
  );
  expect(ours).toEqual(["stop-signals", "entry"]);
});

test("a stack trace names our own files and lines, and the map is not decoded before the first one", async () => {
  const decoded = join(dist, "decoded");
  // Record when Node decodes the source map: it does so when a program asks for a stack trace. Only pino asks for one
  // at the start.
  writeFileSync(
    join(dist, "watch.mjs"),
    `import util from "node:util"; import { syncBuiltinESMExports } from "node:module"; import { appendFileSync } from "node:fs";
const { getCallSites } = util;
util.getCallSites = (...args) => { const sites = getCallSites(...args); if (sites.some(({ scriptName }) => scriptName.endsWith(".ts"))) appendFileSync(${JSON.stringify(decoded)}, "decoded\\n"); return sites; };
syncBuiltinESMExports();`,
  );
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  on.defer(() => taken.close());
  const gateway = spawn(
    process.execPath,
    [...shipped.flags, "--import", join(dist, "watch.mjs"), join(dist, "main.mjs")],
    {
      env: { ...shipped.env, DEMO_MODE: "true", PORT: "0", ADMIN_PORT: String((taken.address() as AddressInfo).port) },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [log, [code]] = await Promise.all([text(gateway.stdout), once(gateway, "exit") as Promise<[number]>]);
  expect(code).toBe(1);
  const { err } = JSON.parse(log.split("\n").find((line) => line.includes("start failed")) ?? "{}") as {
    err?: { stack: string };
  };
  expect(err?.stack).toMatch(/src\/edge\/listen\.ts:\d+/);
  expect(existsSync(decoded)).toBe(false);
}, 60_000);
