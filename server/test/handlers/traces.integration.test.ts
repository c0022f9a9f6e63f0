import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { startCollector, type Collector } from "../support/collector.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, startAppServer, type AppServer } from "./app-server.ts";

const on = stage();
let app: AppServer;
let collector: Collector;
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
