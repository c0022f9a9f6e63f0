// Makes findings for tests of conditions, and defines the form of the tests' rows.
import { expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import { desired } from "../../src/reconcile/desired.ts";
import type { Facts } from "../../src/reconcile/facts/facts.ts";
import type { Findings } from "../../src/reconcile/findings.ts";
import { inputsOf } from "../../src/reconcile/inputs-of.ts";
import { plan } from "../../src/reconcile/plan.ts";
import { conditionFunctions, type ConditionType } from "../../src/reconcile/status-of.ts";
import { optionalName } from "../../src/watches/optional-kinds.ts";
import { clusterWith, findingsOf, healthyFacts, nowMs, podWith } from "./build.ts";

/** The findings of a pass over the given facts, with the manifests that wait because their kind is not installed. */
export function found(facts: Facts, change: Partial<Findings> = {}): Findings {
  return findingsOf(facts, { waiting: plan(desired(facts.cluster, inputsOf(facts)), facts).waiting, ...change });
}

export const healthy = (spec: object, change: Parameters<typeof healthyFacts>[0] = {}) =>
  healthyFacts({ cluster: clusterWith(spec), ...change });
export const problem = { reason: "SecretMissing", message: "spec.auth: there is no Secret x" } as const;
export const error = new Error("while applying Service chat-server: quota");
export const crashing = (name: string) =>
  podWith(name, {
    isReady: false,
    status: {
      containerStatuses: [
        {
          name: "gateway",
          restartCount: 4,
          state: { waiting: { reason: "CrashLoopBackOff" } },
          lastState: { terminated: { reason: "Error", exitCode: 2 } },
        },
      ],
    },
  });
export const unschedulable = (name: string, component: "server" | "redis", seconds = 60) =>
  podWith(name, {
    component,
    status: {
      phase: "Pending",
      conditions: [
        {
          type: "PodScheduled",
          status: "False",
          message: "0/3 nodes are available",
          lastTransitionTime: new Date(nowMs - seconds * 1000).toISOString(),
        },
      ],
    },
  });
export const stalled = {
  deployment: {
    readyReplicas: 1,
    conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" }],
  },
};
export const oneNotReady = { deployment: { readyReplicas: 1 } };
export const unready = (spec: object): Facts =>
  healthy(spec, {
    pods: [podWith("a", { isReady: false })],
    answers: new Map([["uid-a", { askedAtMs: nowMs, unready: "Redis has not been reached yet: r:6379: ENOTFOUND" }]]),
    ...oneNotReady,
  });
export const firstAnswered = (facts: Facts, change: object): Facts => ({
  ...facts,
  answers: new Map(
    [...facts.answers].map(([uid, answer], index) => [uid, index === 0 ? { ...answer, ...change } : answer]),
  ),
});
/** Facts in which `change` replaces values in the answers of all gateways. */
export const allAnswered = (facts: Facts, change: object): Facts => ({
  ...facts,
  answers: new Map([...facts.answers].map(([uid, answer]) => [uid, { ...answer, ...change }])),
});
export const routeStatus =
  (conditions: object[]) =>
  (child: KubeObject): KubeObject => ({ ...child, status: { parents: [{ parentRef: { name: "edge" }, conditions }] } });
export const withStatus =
  (status: object) =>
  (child: KubeObject): KubeObject => ({ ...child, status });
export const gatewaySpec = { exposure: { type: "Gateway", host: "a.b", gateway: { parentRefs: [{ name: "edge" }] } } };
export const gatewayFacts = healthy(gatewaySpec, { installed: new Set([optionalName(resources.httpRoutes)]) });
export const monitoredSpec = { monitoring: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } } };
export const kedaSpec = {
  autoscaling: { type: "KEDA", minReplicas: 2, maxReplicas: 4, prometheusAddress: "http://p" },
};
export const hpaSpec = { autoscaling: { type: "HPA", minReplicas: 2, maxReplicas: 4 } };
export const externalSpec = { redis: { type: "External", external: { urlSecret: { name: "r" } } } };
export const nextRelease = {
  images: { gateway: "gateway:2", redis: "redis:8" },
  upgrade: "Manual" as const,
  operatorNamespace: "realtime-system",
};
export const redisPod = (isReady: boolean) => [
  podWith("chat-server-1"),
  podWith("chat-redis-0", { component: "redis", isReady }),
];

export type Row = [
  when: string,
  findings: Findings,
  want: `${"True" | "False" | "Unknown"} ${string}`,
  wantMessage?: string,
];

/** Defines one test for each row, and one that checks that the rows contain both True and False. */
export function testCondition(type: ConditionType, rows: readonly Row[]): void {
  test.each(rows.map(([when, findings, want, wantMessage]) => ({ when, findings, want, wantMessage })))(
    `${type} when $when`,
    ({ findings, want, wantMessage }) => {
      const { status, reason, message } = conditionFunctions[type](findings);
      expect(`${status} ${reason}`).toBe(want);
      if (wantMessage !== undefined) expect(message).toBe(wantMessage);
      expect(message).not.toMatch(/undefined|NaN|\[object/);
    },
  );

  test(`${type} has rows for both True and False`, () => {
    const seen = new Set(rows.map(([, , want]) => want.split(" ")[0]));
    expect([...seen]).toEqual(expect.arrayContaining(["True", "False"]));
  });
}
