import { beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { startTracing } from "../../src/observability/tracing.ts";
import { startGatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import { closedPort, startCollector, type Collector } from "../support/collector.ts";
import { ADMIN_TOKEN, JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import { stage } from "../support/stage.ts";

const on = stage();
let collector: Collector;
beforeEach(async () => {
  collector = await startCollector();
  on.defer(() => collector.close());
});

const tracedBy = (port: number, more: Record<string, string> = {}) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  ...more,
});
const everything = { OTEL_TRACES_SAMPLER: "always_on" };
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";

interface Span {
  name: string;
  traceId: string;
  parentSpanId?: string;
  status: { code?: number };
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}
interface Export {
  resourceSpans: { resource: { attributes: Span["attributes"] }; scopeSpans: { spans: Span[] }[] }[];
}

const exports = (): Export[] => collector.received.map(({ text }) => JSON.parse(text) as Export);
const spans = (): Span[] =>
  exports().flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
const attributesOf = ({ attributes }: { attributes: Span["attributes"] }) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
const told = () => spans().map((span) => ({ name: span.name, ...attributesOf(span) }));

describe("a handshake", () => {
  test("is a span with its namespace and the reason of its refusal, and without any data of the client", async () => {
    const gateway = await on.gateway(tracedBy(collector.port, everything));
    const token = await signToken(JWT_SECRET, { sub: "lovelace", rooms: ["*"] });
    await on.connect(gateway, { token });
    await on.refused(gateway, { token: "hunter2" });
    await gateway.close();
    const common = { name: "handshake", "realtime.namespace": "/events", "realtime.transport": "websocket" };
    expect(told()).toEqual([common, { ...common, "realtime.refusal": "UNAUTHENTICATED" }]);
    expect(collector.received.map(({ path }) => path)).toEqual(["/v1/traces"]);
    const [{ resourceSpans }] = exports() as [Export];
    expect(attributesOf(resourceSpans[0]!.resource)).toEqual({
      "service.name": "realtime-gateway",
      "service.version": expect.stringMatching(/^\d+\./),
      "service.instance.id": expect.stringContaining("test"),
    });
    const all = JSON.stringify(collector.received);
    for (const secret of [token, JWT_SECRET, ADMIN_TOKEN, "hunter2", "lovelace"]) expect(all).not.toContain(secret);
  });

  test("is never part of a trace that the client names", async () => {
    const gateway = await on.gateway(tracedBy(collector.port, everything));
    await on.connect(gateway, { options: { extraHeaders: { traceparent: `00-${TRACE}-${CALLER}-01` } } });
    await gateway.close();
    expect(spans()).toHaveLength(1);
    expect(spans()[0]!.traceId).not.toBe(TRACE);
    expect(spans()[0]!.parentSpanId ?? "").toBe("");
  });
});

describe("a publish", () => {
  const publish = { room: "team", event: "news", data: { secret: "hunter2" } };
  const from = (flags: string) => ({ traceparent: `00-${TRACE}-${CALLER}-${flags}` });

  test("continues its caller's trace", async () => {
    const gateway = await on.gateway(tracedBy(collector.port, everything));
    await callApi(gateway, "/api/publish", { body: publish, headers: from("01") });
    await callApi(gateway, "/api/publish", { body: { event: "news" } });
    await callApi(gateway, "/api/publish", { body: publish, token: "wrong", headers: from("01") });
    await gateway.close();
    const common = { name: "POST /api/publish", "http.request.method": "POST", "http.route": "/api/publish" };
    expect(told()).toEqual([
      { ...common, "http.response.status_code": 200 },
      { ...common, "http.response.status_code": 400, "realtime.refusal": "INVALID_INPUT" },
    ]);
    expect(spans()[0]).toMatchObject({ traceId: TRACE, parentSpanId: CALLER });
    expect(spans()[1]!.traceId).not.toBe(TRACE);
    expect(JSON.stringify(collector.received)).not.toMatch(/hunter2|team|news/);
  });

  test("is sampled as its caller says, and by the ratio when its trace begins here", async () => {
    const gateway = await on.gateway(tracedBy(collector.port, { OTEL_TRACES_SAMPLER_ARG: "0" }));
    await on.connect(gateway);
    await callApi(gateway, "/api/publish", { body: publish });
    await callApi(gateway, "/api/publish", { body: publish, headers: from("00") });
    await callApi(gateway, "/api/publish", { body: publish, headers: from("01") });
    await callApi(gateway, "/api/publish", { body: publish, headers: { traceparent: "00-nonsense-01" } });
    await gateway.close();
    expect(spans().map(({ traceId, parentSpanId }) => [traceId, parentSpanId])).toEqual([[TRACE, CALLER]]);
  });
});

describe("a collector that fails does not affect clients", () => {
  test.each<{ name: string; how: number | "never" | "nobody" }>([
    { name: "it cannot be reached", how: "nobody" },
    { name: "it refuses", how: 400 },
    { name: "it never answers", how: "never" },
  ])(
    "$name",
    async ({ how }) => {
      if (how !== "nobody") collector.answer(how);
      const port = how === "nobody" ? await closedPort() : collector.port;
      const gateway = await startGatewayProcess(tracedBy(port, everything));
      on.defer(() => gateway.kill("SIGKILL"));
      for (let count = 0; count < 20; count++) await on.connect(gateway, { user: `user-${count}` });
      // The gateway does not send refused spans again, and writes one log entry with their number.
      if (how === 400)
        await until(
          "a warning",
          async () => gateway.log().some(({ msg }) => msg === "trace spans could not be sent"),
          30_000,
        );
      expect((await callApi(gateway, "/livez")).status).toBe(200);
      gateway.kill("SIGTERM");
      expect(await gateway.ended).toEqual({ code: 0, signal: null });
      expect(gateway.log().filter(({ msg }) => msg === "trace spans could not be sent").length).toBeLessThan(2);
    },
    60_000,
  );

  test("the number of waiting spans is bounded", async () => {
    collector.answer("never");
    const lost: number[] = [];
    const tracing = startTracing(
      { endpoint: `http://127.0.0.1:${collector.port}`, sampler: "always_on", ratio: 1 },
      { nodeId: "n", release: "1" },
      (count) => lost.push(count),
    );
    for (let count = 0; count < 10_000; count++) await tracing.handshake("/events", "websocket", async () => undefined);
    await until("the first batch", async () => collector.received.length > 0, 30_000);
    collector.answer(200);
    await tracing.stop();
    // While the collector does not answer, the gateway keeps the batch of 512 spans that it is sending and a queue of
    // 2,048 spans.
    expect(spans()).toHaveLength(512 + 2_048);
    expect(lost).toEqual([]);
  });
});

test("a failure in a traced call gives a span with an error, and is thrown again", async () => {
  const tracing = startTracing(
    { endpoint: `http://127.0.0.1:${collector.port}`, sampler: "always_on", ratio: 1 },
    { nodeId: "n", release: "1" },
    () => undefined,
  );
  const failing = tracing.handshake("/events", "websocket", () => Promise.reject(new Error("hunter2")));
  await expect(failing).rejects.toThrow("hunter2");
  await tracing.stop();
  expect(told()).toMatchObject([{ "realtime.refusal": "INTERNAL" }]);
  expect(spans()[0]!.status.code).toBe(2);
  expect(JSON.stringify(collector.received)).not.toContain("hunter2");
});
