import { expect, test } from "@jest/globals";
import { environment } from "../../src/config.ts";
import { makeMetrics } from "../../src/observability/metrics.ts";
import { document, rows, section } from "./documents.ts";

const page = document("operator.md");

test("the page lists exactly the operator's variables, with defaults and meaning", () => {
  const written = rows(section(page, "Environment"));
  expect(written).toEqual(
    Object.entries(environment).map(([name, { default: value, consequence }]) => [name, value, consequence]),
  );
});

test("the page lists exactly the operator's metrics, with labels", async () => {
  const zero = () => 0;
  const { registry } = makeMetrics({
    queueDepth: zero,
    isLeader: () => false,
    isSynced: () => false,
    clusters: zero,
    watchAgeSeconds: zero,
  });
  const own = (await registry.getMetricsAsJSON()).filter(({ name }) => name.startsWith("realtime_"));
  const labels = (name: string): string[] =>
    (registry.getSingleMetric(name) as unknown as { labelNames: string[] }).labelNames;
  const written = rows(section(page, "Metrics")).map(([name = "", names = ""]) => [
    name,
    names.split(", ").filter(Boolean),
  ]);
  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(own.map(({ name }) => [name, labels(name)])));
});
