// Evaluates the alerts with Prometheus. Each must fire on its own series and not on others.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { unpackPackages } from "../../../testkit/programs/debian.ts";
import { placesOf } from "../../../testkit/programs/places.ts";
import { run } from "../../../testkit/run.ts";
import { goldenCase } from "../manifests/golden-case.ts";

const rule = goldenCase("everything").manifests.find(({ kind }) => kind === "PrometheusRule");
const spec = rule?.["spec"] as { groups: { rules: { alert: string; expr: string }[] }[] };
const alerts = spec.groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
const at = (pod: string, more = "") => `{namespace="apps",service="chat-server",pod="${pod}"${more}}`;
const other = `{namespace="apps",service="other-server",pod="x"}`;

interface Case {
  when: string;
  /** The samples of each series, in promtool's notation. There is one sample every 15 s. */
  series: Record<string, string>;
  /** After how many minutes the alerts are checked. Default: ten. Alerts whose `for` is longer need more. */
  atMinutes?: number;
  want: string[];
}

const up = { [`up${at("a")}`]: "1x200", [`up${at("b")}`]: "1x200" };
const bus = (value: number) => ({
  [`realtime_bus_up${at("a")}`]: `${value}x200`,
  [`realtime_bus_up${at("b")}`]: `${value}x200`,
});
const exact = (value: number) => ({
  [`realtime_ledger_exact${at("a")}`]: `${value}x200`,
  [`realtime_ledger_exact${at("b")}`]: `${value}x200`,
});
const inexact = (reason: string) => ({ [`realtime_ledger_inexact${at("b", `,reason="${reason}"`)}`]: "1x200" });
const keys = (pod: string, values: string) => ({
  [`realtime_issuer_keys_up${at(pod, ',issuer="https://id.example.com"')}`]: values,
});
const unverified = (values: string) => ({
  [`realtime_refusals_total${at("a", ',code="ISSUER_UNAVAILABLE",at="handshake"')}`]: values,
});
const full = (a: number, b: number) => ({
  [`realtime_connections${at("a")}`]: `${a}x200`,
  [`realtime_connections${at("b")}`]: `${b}x200`,
  [`realtime_limit${at("a", ',limit="maxConnections"')}`]: "10000x200",
  [`realtime_limit${at("b", ',limit="maxConnections"')}`]: "10000x200",
});

const recovery = (heldByB: string, promised = 120) => ({
  [`realtime_recovery_window_seconds${at("a")}`]: `${promised}x200`,
  [`realtime_recovery_window_seconds${at("b")}`]: heldByB,
  [`realtime_recovery_window_promised_seconds${at("a")}`]: `${promised}x200`,
  [`realtime_recovery_window_promised_seconds${at("b")}`]: `${promised}x200`,
});

const handled = (result: string, values: string) => ({
  [`realtime_handler_seconds_count${at("a", `,handler="orders",kind="event",result="${result}"`)}`]: values,
});

const cases: readonly Case[] = [
  { when: "all is well", series: { ...up, ...bus(1), ...full(4000, 4000) }, want: [] },
  { when: "nothing is scraped", series: { [`up${other}`]: "1x200" }, want: ["RealtimeNoGateway"] },
  {
    when: "every gateway is down",
    series: { [`up${at("a")}`]: "0x200", [`up${at("b")}`]: "0x200" },
    want: ["RealtimeNoGateway"],
  },
  { when: "one of two gateways is down", series: { ...up, [`up${at("b")}`]: "0x200", ...bus(1) }, want: [] },
  {
    when: "all gateways were away for a minute",
    series: { [`up${at("a")}`]: "1x35 0x3 1x160" },
    atMinutes: 10,
    want: [],
  },
  { when: "no gateway has the bus", series: { ...up, ...bus(0) }, want: ["RealtimeRedisAway"] },
  {
    when: "one of two gateways has lost the bus",
    series: { ...up, ...bus(1), [`realtime_bus_up${at("b")}`]: "0x200" },
    want: ["RealtimeGatewayIsolated"],
  },
  {
    when: "one of two gateways had no bus for four minutes",
    series: { ...up, ...bus(1), [`realtime_bus_up${at("b")}`]: "1x20 0x16 1x160" },
    want: [],
  },
  {
    when: "one gateway does not count limits with the others",
    series: { ...up, ...bus(1), ...exact(1), [`realtime_ledger_exact${at("b")}`]: "0x200" },
    want: ["RealtimeLimitsNotExact"],
  },
  {
    when: "Redis refuses writes",
    series: { ...up, ...bus(1), ...inexact("out-of-memory") },
    want: ["RealtimeRedisRefusesWrites"],
  },
  {
    when: "Redis is a replica",
    series: { ...up, ...bus(1), ...inexact("read-only") },
    want: ["RealtimeRedisNotPrimary"],
  },
  { when: "Redis does not answer one gateway's ledger", series: { ...up, ...bus(1), ...inexact("timeout") }, want: [] },
  { when: "all gateways count together", series: { ...up, ...bus(1), ...exact(1) }, want: [] },
  {
    when: "another cluster has lost the bus",
    series: { ...up, ...bus(1), [`realtime_bus_up${other}`]: "0x200" },
    want: [],
  },
  {
    when: "a handler has failed for ten minutes",
    series: { ...up, ...bus(1), ...handled("ok", "100x200"), ...handled("unavailable", "0+5x200") },
    atMinutes: 12,
    want: ["RealtimeHandlerFailing"],
  },
  {
    when: "a fifth of a handler's requests fails",
    series: { ...up, ...bus(1), ...handled("ok", "0+80x200"), ...handled("timeout", "0+20x200") },
    atMinutes: 12,
    want: ["RealtimeHandlerFailing"],
  },
  {
    when: "a handler refuses events, and one in a hundred fails",
    series: { ...up, ...bus(1), ...handled("error", "0+99x200"), ...handled("status", "0+1x200") },
    atMinutes: 12,
    want: [],
  },
  {
    when: "a handler failed for three minutes",
    series: { ...up, ...bus(1), ...handled("ok", "0+10x200"), ...handled("reset", "0x8 0+10x12 120x200") },
    atMinutes: 6,
    want: [],
  },
  { when: "all keys are read", series: { ...up, ...bus(1), ...keys("a", "1x200"), ...keys("b", "1x200") }, want: [] },
  {
    when: "one gateway has not read an issuer's keys for 15 minutes",
    series: { ...up, ...bus(1), ...keys("a", "1x200"), ...keys("b", "0x200") },
    atMinutes: 20,
    want: ["RealtimeIssuerKeysAway"],
  },
  {
    when: "one gateway has not read them for ten minutes",
    series: { ...up, ...bus(1), ...keys("a", "1x200"), ...keys("b", "0x40 1x160") },
    atMinutes: 20,
    want: [],
  },
  {
    when: "clients are refused because of missing keys",
    series: { ...up, ...bus(1), ...unverified("0+3x200") },
    want: ["RealtimeTokensRefused"],
  },
  {
    when: "clients were refused so a quarter of an hour ago",
    series: { ...up, ...bus(1), ...unverified("0+3x20 60x180") },
    atMinutes: 20,
    want: [],
  },
  {
    when: "one gateway keeps messages for half of the window",
    series: { ...up, ...bus(1), ...recovery("60x200") },
    atMinutes: 15,
    want: ["RealtimeRecoveryWindowShort"],
  },
  {
    when: "a gateway kept messages for half of the window for nine minutes",
    series: { ...up, ...bus(1), ...recovery("60x36 120x160") },
    atMinutes: 15,
    want: [],
  },
  { when: "the whole window is kept", series: { ...up, ...bus(1), ...recovery("120x200") }, atMinutes: 15, want: [] },
  { when: "recovery is off", series: { ...up, ...bus(1), ...recovery("0x200", 0) }, atMinutes: 15, want: [] },
  {
    when: "the cluster is full",
    series: { ...up, ...bus(1), ...full(5000, 4500) },
    atMinutes: 15,
    want: ["RealtimeNearlyFull"],
  },
  {
    when: "the cluster is full for less than ten minutes",
    series: { ...up, ...bus(1), ...full(5000, 4500) },
    atMinutes: 9,
    want: [],
  },
  { when: "nine tenths are used exactly", series: { ...up, ...bus(1), ...full(4500, 4500) }, atMinutes: 15, want: [] },
  { when: "one gateway has much of little", series: { ...up, ...bus(1), ...full(8900, 0) }, atMinutes: 15, want: [] },
];

let folder: string;
let promtool: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "realtime-rules-"));
  const root = await unpackPackages(placesOf(process.env), { name: "prometheus", packages: ["prometheus"] }, (line) =>
    process.stderr.write(`${line}\n`),
  );
  promtool = join(root, "usr/bin/promtool");
  writeFileSync(join(folder, "rules.yaml"), stringify(spec));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("Prometheus accepts the rules", async () => {
  expect(await run(promtool, ["check", "rules", join(folder, "rules.yaml")])).toContain(`${alerts.length} rules found`);
});

test.each(cases)("when $when, what fires is $want", async ({ series, atMinutes = 10, want }) => {
  const file = join(folder, "test.yaml");
  const expectations = alerts.map((alert) => ({
    expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
    eval_time: `${atMinutes}m`,
    exp_samples: [{ labels: "{}", value: want.includes(alert) ? 1 : 0 }],
  }));
  const input = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  writeFileSync(
    file,
    stringify({
      rule_files: ["rules.yaml"],
      evaluation_interval: "15s",
      tests: [{ interval: "15s", input_series: input, promql_expr_test: expectations }],
    }),
  );
  expect(await run(promtool, ["test", "rules", file])).toContain("SUCCESS");
});

test("no alert fires for a cluster scaled to zero when nothing is scraped", async () => {
  const parked = goldenCase("parked").manifests.find(({ kind }) => kind === "PrometheusRule");
  writeFileSync(join(folder, "parked.yaml"), stringify(parked?.["spec"]));
  const file = join(folder, "parked-test.yaml");
  const firing = { expr: 'count(ALERTS{alertstate="firing"}) or vector(0)', eval_time: "30m" };
  const nothing = { interval: "15s", promql_expr_test: [{ ...firing, exp_samples: [{ labels: "{}", value: 0 }] }] };
  writeFileSync(file, stringify({ rule_files: ["parked.yaml"], evaluation_interval: "15s", tests: [nothing] }));
  expect(await run(promtool, ["test", "rules", file])).toContain("SUCCESS");
});

test("every alert is seen firing", () => {
  expect([...new Set(cases.flatMap(({ want }) => want))].sort()).toEqual([...alerts].sort());
});
