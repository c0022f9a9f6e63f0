import { expect, test } from "@jest/globals";
import { clusterWith } from "../../../test/reconcile/build.ts";
import { dashboardConfigMap } from "./dashboard-config-map.ts";

interface Panel {
  title: string;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; legendFormat?: string }[];
}

const map = dashboardConfigMap(clusterWith({ monitoring: { dashboard: { enabled: true } } }));
const [text = "{}"] = Object.values(map?.["data"] as Record<string, string>);
const { panels } = JSON.parse(text) as { panels: Panel[] };

test("a query that groups by labels names all of them in its legend", () => {
  for (const { title, targets = [] } of panels)
    for (const { expr, legendFormat } of targets) {
      const labels =
        /by \(([^)]*)\)/
          .exec(expr)?.[1]
          ?.split(", ")
          .filter((label) => label !== "le") ?? [];
      for (const label of labels) expect(`${title}: ${legendFormat}`).toContain(`{{${label}}}`);
    }
});

test.each([
  "realtime_limit{",
  "realtime_drain_connections_left{",
  "realtime_event_seconds_bucket{",
  "realtime_ended_total{",
  "realtime_outbound_bytes_total{",
  "realtime_bus_lag_seconds{",
  "realtime_ledger_exact{",
  "process_cpu_seconds_total{",
  "realtime_build_info{",
])("shows %s", (metric) => {
  expect(panels.flatMap(({ targets = [] }) => targets.filter(({ expr }) => expr.includes(metric)))).not.toEqual([]);
});

test("shows states as a row for each pod, and not as a line between 0 and 1", () => {
  const states = panels.filter(({ type }) => type === "state-timeline").map(({ title }) => title);
  expect(states).toEqual(["Redis reachable", "Limits exact for the whole cluster", "Keys of issuers read"]);
});

test("no two panels overlap", () => {
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});
