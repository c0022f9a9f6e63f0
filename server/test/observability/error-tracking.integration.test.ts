import { beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { startErrorTracking } from "../../src/observability/error-tracking.ts";
import { runGateway, startGatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import { closedPort, startCollector, type Collector } from "../support/collector.ts";
import { ADMIN_TOKEN, JWT_SECRET, testEnvironment } from "../../../testkit/gateway/gateway-settings.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import { stage } from "../support/stage.ts";

const on = stage();
let collector: Collector;
beforeEach(async () => {
  collector = await startCollector();
  on.defer(() => collector.close());
});

const dsnOf = (port: number): string => `http://publickey@127.0.0.1:${port}/7`;

interface Report {
  level: string;
  release: string;
  server_name: string;
  environment: string;
  tags: Record<string, string>;
  extra?: Record<string, unknown>;
  exception: {
    values: { type: string; value: string; stacktrace?: { frames: { filename: string; function: string }[] } }[];
  };
}

/**
 * The reports in all received envelopes. An envelope is lines of JSON: its own header, and then the header and the body
 * of each item.
 */
function reports(): Report[] {
  return collector.received.map(({ text }) => JSON.parse(text.split("\n")[2]!) as Report);
}

/**
 * Code that puts a bug into the handler of send_message. The error that it throws contains all the data that must not
 * be reported.
 */
const sabotage = `
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
const randomUUID = crypto.randomUUID;
crypto.randomUUID = (...options) => {
  if (!new Error().stack.includes("/send-message.ts")) return randomUUID(...options);
  throw Object.assign(new TypeError("no id for 'a private message' of Bearer " + process.env.JWT_SECRET + " at 203.0.113.9"), { request: { cookie: "session=hunter2" } });
};
syncBuiltinESMExports();`;
const withBug = ["--import", `data:text/javascript,${encodeURIComponent(sabotage)}`];
const withCrash = ["--import", "data:text/javascript,setTimeout(() => { throw new RangeError('a bug') }, 300)"];

async function brokenGateway(env: Record<string, string>) {
  const gateway = await startGatewayProcess({ POD_NAME: "chat-0", NODE_ENV: "production", ...env }, withBug);
  on.defer(() => gateway.kill("SIGKILL"));
  const token = await signToken(JWT_SECRET, { sub: "lovelace", rooms: ["*"] });
  const ada = await on.connect(gateway, { token });
  await ada.ask("join_room", { room: "team" });
  const say = () => ada.ask("send_message", { room: "team", message: "a private message" });
  return { gateway, token, say };
}

test("reports a handler's failure with release, node and place, and without any data of the user", async () => {
  const { gateway, token, say } = await brokenGateway({ SENTRY_DSN: dsnOf(collector.port) });
  expect(await say()).toMatchObject({ success: false, code: "INTERNAL" });
  await until("the report", async () => reports().length === 1, 30_000);
  const [report] = reports();
  expect(report).toMatchObject({
    level: "error",
    release: expect.stringMatching(/^realtime-gateway@\d+\.\d+\.\d+$/),
    server_name: expect.stringContaining("chat-0"),
    environment: "production",
    tags: { where: "event handler failed" },
    exception: { values: [{ type: "TypeError", value: "no id for '…' of Bearer … at …" }] },
  });
  expect(report!.exception.values[0]!.stacktrace!.frames.map(({ filename }) => filename).join()).toContain(
    "send-message.ts",
  );
  const [{ path, headers, text } = { path: "", headers: {}, text: "" }] = collector.received;
  expect(path).toMatch(/^\/api\/7\/envelope\//);
  const all = text + JSON.stringify(headers);
  for (const secret of [token, JWT_SECRET, ADMIN_TOKEN, "private message", "hunter2", "203.0.113.9", "lovelace"])
    expect(all).not.toContain(secret);
  gateway.kill("SIGTERM");
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
}, 60_000);

test("reports no refusal, and sends nothing when there is no error", async () => {
  const { gateway } = await brokenGateway({ SENTRY_DSN: dsnOf(collector.port) });
  expect((await callApi(gateway, "/api/publish", { body: { room: "", event: "news" } })).status).toBe(400);
  gateway.kill("SIGTERM");
  await gateway.ended;
  expect(collector.received).toEqual([]);
}, 60_000);

describe("a bug that no code catches", () => {
  const crash = (port: number) => runGateway({ ...testEnvironment, SENTRY_DSN: dsnOf(port) }, withCrash);

  test("is reported before the process ends with 1", async () => {
    expect((await crash(collector.port)).code).toBe(1);
    expect(reports()).toMatchObject([
      {
        level: "fatal",
        tags: { where: "uncaught error" },
        exception: { values: [{ type: "RangeError", value: "a bug" }] },
      },
    ]);
  });

  test("ends the process with 1 while the endpoint does not answer", async () => {
    collector.answer("never");
    expect((await crash(collector.port)).code).toBe(1);
    expect(collector.received).toHaveLength(1);
  });

  test("ends the process with 1 while the endpoint cannot be reached", async () => {
    const { code, stdout } = await crash(await closedPort());
    expect(code).toBe(1);
    expect(stdout).toContain("error reports could not be sent");
  });
});

describe("an endpoint that fails does not affect clients", () => {
  test.each<{ name: string; how: number | "never" }>([
    { name: "it answers with 500", how: 500 },
    { name: "it asks for fewer reports", how: 429 },
    { name: "it never answers", how: "never" },
  ])(
    "$name",
    async ({ how }) => {
      collector.answer(how);
      const { gateway, say } = await brokenGateway({ SENTRY_DSN: dsnOf(collector.port) });
      for (let count = 0; count < 50; count++) expect(await say()).toMatchObject({ code: "INTERNAL" });
      await until("the first report", async () => collector.received.length > 0, 30_000);
      if (how !== "never")
        await until(
          "a warning",
          async () =>
            gateway
              .log()
              .some(
                ({ msg, reason }) => msg === "error reports could not be sent" && reason === `answered with ${how}`,
              ),
          30_000,
        );
      expect(gateway.log().filter(({ msg }) => msg === "error reports could not be sent").length).toBeLessThan(2);
      expect((await callApi(gateway, "/livez")).status).toBe(200);
      gateway.kill("SIGTERM");
      expect(await gateway.ended).toEqual({ code: 0, signal: null });
    },
    60_000,
  );
});

test("sends twenty reports of a flood of errors, and the last one, which says how many were not sent", async () => {
  const errors = startErrorTracking({
    dsn: dsnOf(collector.port),
    nodeId: "chat-0",
    release: "r",
    environment: "test",
    nowMs: () => 0,
    onLost: () => undefined,
  });
  for (let count = 0; count < 100; count++) errors.report(new Error("again"), "event handler failed", "error");
  errors.report(new Error("the last"), "uncaught error", "fatal");
  await errors.flush(10_000);
  expect(reports()).toHaveLength(21);
  expect(reports().find(({ level }) => level === "fatal")).toMatchObject({ extra: { notSentBefore: 80 } });
});

test("sends nothing without a DSN", async () => {
  const { gateway, say } = await brokenGateway({});
  await say();
  gateway.kill("SIGTERM");
  await gateway.ended;
  expect(collector.received).toEqual([]);
});
