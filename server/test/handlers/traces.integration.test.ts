import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCollector, type Collector } from "../support/collector.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, startAppServer, type AppServer } from "./app-server.ts";

const on = stage();
let app: AppServer;
let collector: Collector;
const folder = mkdtempSync(join(tmpdir(), "traced-module-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  [app, collector] = await Promise.all([startAppServer(), startCollector()]);
});
afterEach(() => Promise.all([app.stop(), collector.close()]));

test("a request to a handler is a span, whose trace continues in the handler", async () => {
  const gateway = await on.gateway({
    ...handlersEnvironment({ name: "orders", url: app.url, events: ["order:*"] }),
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`,
    OTEL_TRACES_SAMPLER: "always_on",
  });
  const ada = await on.connect(gateway, { user: "lovelace" });
  await ada.ask("order:place", { item: "tea" });
  await gateway.close();
  const [, traceId, spanId] = /^00-([\da-f]{32})-([\da-f]{16})-01$/.exec(String(app.got[0]!.headers["traceparent"]))!;
  const sent = collector.received.map(({ text }) => text).join();
  expect(sent).toContain(`"traceId":"${traceId}","spanId":"${spanId}"`);
  expect(sent).toContain('"name":"handler request"');
  for (const payload of ["lovelace", "tea", "order:place"]) expect(sent).not.toContain(payload);
});

test("a call of a handler in the image is a span", async () => {
  const HANDLERS_MODULE = join(folder, "handlers.mjs");
  const mark = '[Symbol.for("realtime-operator.handlers")]: 1';
  writeFileSync(
    HANDLERS_MODULE,
    `export default { ${mark}, events: ["order:*"], hooks: [], answer: async () => ({}) }`,
  );
  const gateway = await on.child({
    HANDLERS_MODULE,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`,
    OTEL_TRACES_SAMPLER: "always_on",
  });
  const ada = await on.connect(gateway);
  expect(await ada.ask("order:place", {})).toEqual({ success: true });
  gateway.kill("SIGTERM");
  await gateway.ended;
  const sent = collector.received.map(({ text }) => text).join();
  expect(sent).toContain('"name":"handler request"');
  expect(sent).toContain("HANDLERS_MODULE");
});
