// Evaluates alerts and the dashboard's queries with Prometheus' own tool.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { unpackPackages } from "../../../testkit/programs/debian.ts";
import { placesOf } from "../../../testkit/programs/places.ts";
import { run } from "../../../testkit/run.ts";
import { chartCases, objectsOf } from "../chart/helm.ts";
import { goldenCase } from "../manifests/golden-case.ts";

const { manifests } = goldenCase("everything");
const chartObjects = objectsOf(readFileSync(join(chartCases, "everything/rendered.yaml"), "utf8"));

let folder: string;
let promtool: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "realtime-labels-"));
  const root = await unpackPackages(placesOf(process.env), { name: "prometheus", packages: ["prometheus"] }, (line) =>
    process.stderr.write(`${line}\n`),
  );
  promtool = join(root, "usr/bin/promtool");
  const rule = manifests.find(({ kind }) => kind === "PrometheusRule");
  writeFileSync(join(folder, "rules.yaml"), stringify(rule?.["spec"]));
  const ofChart = chartObjects.find(({ kind }) => kind === "PrometheusRule");
  writeFileSync(join(folder, "operator-rules.yaml"), stringify(ofChart?.["spec"]));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (pod: string, more = "") => `{namespace="apps",service="chat-server",pod="${pod}"${more}}`;
const up = { [`up${at("a")}`]: "1x200", [`up${at("b")}`]: "1x200" };

test.each([
  {
    alert: "RealtimeNoGateway",
    series: { [`up{namespace="apps",service="other-server",pod="x"}`]: "1x200" },
    labels: 'severity="critical"',
  },
  {
    alert: "RealtimeGatewayIsolated",
    series: { ...up, [`realtime_bus_up${at("a")}`]: "1x200", [`realtime_bus_up${at("b")}`]: "0x200" },
    labels: 'pod="b",severity="warning"',
  },
  {
    alert: "RealtimeRedisRefusesWrites",
    series: { ...up, [`realtime_ledger_inexact${at("b", ',reason="disk-error"')}`]: "1x200" },
    labels: 'reason="disk-error",severity="critical"',
  },
  {
    alert: "RealtimeIssuerKeysAway",
    series: { ...up, [`realtime_issuer_keys_up${at("b", ',issuer="https://id.example.com"')}`]: "0x200" },
    labels: 'issuer="https://id.example.com",severity="warning"',
  },
])("$alert has the labels by which runbooks and Alertmanager's routes find it", async ({ alert, series, labels }) => {
  const all = `ALERTS{alertname="${alert}",alertstate="firing",namespace="apps",realtime_cluster="chat",${labels}}`;
  const expectation = {
    expr: `ALERTS{alertname="${alert}"}`,
    eval_time: "20m",
    exp_samples: [{ labels: all, value: 1 }],
  };
  const input = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  const one = { interval: "15s", input_series: input, promql_expr_test: [expectation] };
  const file = join(folder, `${alert}.yaml`);
  writeFileSync(file, stringify({ rule_files: ["rules.yaml"], evaluation_interval: "15s", tests: [one] }));
  expect(await run(promtool, ["test", "rules", file])).toContain("SUCCESS");
});

const ofOperator = (pod: string, more = "") =>
  `{namespace="realtime-system",service="realtime-metrics",pod="${pod}"${more}}`;
const leads = { [`realtime_operator_leader${ofOperator("a")}`]: "1x200" };

test.each([
  { when: "no pod exists", alert: "RealtimeOperatorNotLeading", series: {}, labels: "" },
  {
    when: "two pods lead",
    alert: "RealtimeOperatorNotLeading",
    series: { ...leads, [`realtime_operator_leader${ofOperator("b")}`]: "1x200" },
    labels: "",
  },
  {
    when: "a watch is silent",
    alert: "RealtimeOperatorHearsNothing",
    series: { ...leads, [`realtime_operator_watch_age_seconds${ofOperator("b")}`]: "0+15x200" },
    labels: 'pod="b",',
  },
  {
    when: "many passes fail",
    alert: "RealtimeOperatorFailing",
    series: { ...leads, [`realtime_operator_reconciles_total${ofOperator("a", ',outcome="failed"')}`]: "0+1x200" },
    labels: "",
  },
])("$alert fires, and no other alert about the operator, when $when", async ({ alert, series, labels }) => {
  const fires = `ALERTS{alertname="${alert}",alertstate="firing",namespace="realtime-system",${labels}severity="warning"}`;
  const expectation = {
    expr: 'ALERTS{alertstate="firing"}',
    eval_time: "30m",
    exp_samples: [{ labels: fires, value: 1 }],
  };
  const input = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  const one = { interval: "15s", input_series: input, promql_expr_test: [expectation] };
  const file = join(folder, "operator-test.yaml");
  writeFileSync(file, stringify({ rule_files: ["operator-rules.yaml"], evaluation_interval: "15s", tests: [one] }));
  expect(await run(promtool, ["test", "rules", file])).toContain("SUCCESS");
});

test.each([
  { of: "a cluster", map: manifests.find(({ metadata }) => metadata.name === "chat-dashboard"), least: 20 },
  { of: "the operator", map: chartObjects.find(({ metadata }) => metadata.name === "realtime-dashboard"), least: 9 },
])("Prometheus can read every query of the dashboard of $of", async ({ map, least }) => {
  const [text = "{}"] = Object.values(map?.["data"] as Record<string, string>);
  const { panels } = JSON.parse(text) as { panels: { targets?: { expr: string }[] }[] };
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  expect(queries.length).toBeGreaterThan(least);
  const rules = queries.map((expr, index) => ({ record: `query${index}`, expr }));
  writeFileSync(join(folder, "dashboard.yaml"), stringify({ groups: [{ name: "dashboard", rules }] }));
  const answer = await run(promtool, ["check", "rules", join(folder, "dashboard.yaml")]);
  expect(answer).toContain(`${queries.length} rules found`);
});
