import { expect, test } from "@jest/globals";
import { makeMetrics } from "../../../server/src/observability/metrics.ts";
import { connectionsMetric } from "../../src/manifests/shared/autoscaling-behavior.ts";
import { goldenCase } from "../manifests/golden-case.ts";
import { document, rows, section } from "../docs/documents.ts";

const { manifests } = goldenCase("everything");
const { registry } = makeMetrics({
  version: "1",
  connections: () => 0,
  halfOpen: () => 0,
  outboundBytes: () => 0,
  ledger: () => ({ mode: "exact", connections: 0, nodes: 1, limits: {} }) as never,
  bus: () => ({ phase: "up" }) as never,
  drain: () => ({ isDraining: false, connectionsLeft: 0 }),
  issuers: () => [],
});
const known = new Set(
  registry
    .getMetricsAsArray()
    .flatMap(({ name, type }) =>
      String(type) === "histogram" ? [`${name}_count`, `${name}_sum`, `${name}_bucket`] : [name],
    ),
);

/** The names of the metrics in a query. It finds them by the "{" after the name, which all our queries have. */
function metricsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\b([a-z_:][a-z0-9_:]*)\{/g)].map(([, name = ""]) => name))].filter(
    (name) => name !== "up" && name !== "ALERTS",
  );
}

test.each([
  { where: "the alerts", text: expressionsOf("PrometheusRule") },
  { where: "the dashboard", text: expressionsOf("ConfigMap") },
  { where: "the page on monitoring", text: document("monitoring.md") },
])("gateways have every metric of $where", ({ text }) => {
  const asked = metricsIn(text);
  expect(asked).not.toEqual([]);
  expect(asked.filter((name) => !known.has(name) && !name.startsWith("realtime_operator_"))).toEqual([]);
});

test("autoscalers scale on a metric that gateways have", () => {
  expect(known).toContain(connectionsMetric);
});

test("the monitoring page lists exactly the gateway's metrics, with their labels", () => {
  const own = registry.getMetricsAsArray().filter(({ name }) => name.startsWith("realtime_"));
  const labels = (name: string): string[] =>
    (registry.getSingleMetric(name) as unknown as { labelNames: string[] }).labelNames;
  const written = rows(section(document("monitoring.md"), "Metrics of a gateway")).map(([name = "", names = ""]) => [
    name,
    names.split(", ").filter(Boolean),
  ]);
  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(own.map(({ name }) => [name, labels(name)])));
});

/** All texts named "expr" in the objects of one kind, also inside the JSON of ConfigMaps. */
function expressionsOf(kind: string): string {
  const text = manifests
    .filter((manifest) => manifest.kind === kind)
    .map(({ data, spec }) =>
      data === undefined ? JSON.stringify(spec) : Object.values(data as Record<string, string>).join("\n"),
    )
    .join("\n");
  return [...text.matchAll(/"expr": ?"((?:[^"\\]|\\.)*)"/g)].map(([, expression]) => expression).join("\n");
}
