import { expect, test } from "@jest/globals";
import { clusterWith } from "../../../test/reconcile/build.ts";
import { prometheusRule } from "./prometheus-rule.ts";

interface Rule {
  alert: string;
  expr: string;
  labels: Record<string, string>;
}

function rulesOf(spec: object): Rule[] {
  const monitoring = { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } };
  const rule = prometheusRule(clusterWith({ monitoring, ...spec }));
  return (rule?.["spec"] as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
}

const autoscaling = { type: "HPA", minReplicas: 2, maxReplicas: 4 };

test.each([
  { when: "replicas are wanted", spec: { replicas: 2 }, want: true },
  { when: "the cluster is scaled to zero on purpose", spec: { replicas: 0 }, want: false },
  { when: "an autoscaler is wanted and spec.replicas is 0", spec: { replicas: 0, autoscaling }, want: true },
])("alerts on missing gateways is $want when $when", ({ spec, want }) => {
  expect(rulesOf(spec).some(({ alert }) => alert === "RealtimeNoGateway")).toBe(want);
});

test("every alert carries the cluster's namespace and name", () => {
  for (const { labels } of rulesOf({})) expect(labels).toMatchObject({ namespace: "apps", realtime_cluster: "chat" });
});

test("selects series by pod when no ServiceMonitor of ours sets the label service", () => {
  const own = { monitoring: { serviceMonitor: { enabled: false }, prometheusRule: { enabled: true } } };
  expect(rulesOf(own)[0]?.expr).toBe('absent(up{namespace="apps",pod=~"chat-server-[a-z0-9]+-[a-z0-9]+"} == 1)');
});
