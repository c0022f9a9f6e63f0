import { describe, expect, test } from "@jest/globals";
import type { Condition, Status } from "../api/realtime-cluster.ts";
import { clusterWith, emptyFacts, findingsOf, healthyFacts, nowMs } from "../../test/reconcile/build.ts";
import { conditionFunctions, isSameStatus, statusOf } from "./status-of.ts";
import type { Facts } from "./facts/facts.ts";

const condition = (status: Status, type: string): Condition => status.conditions!.find((one) => one.type === type)!;
const later = (facts: Facts, status: Status, change: Partial<Facts> = {}): Facts => ({
  ...facts,
  cluster: { ...facts.cluster, status },
  nowMs: nowMs + 60_000,
  ...change,
});

test("has all conditions from the first pass on, in the order of kubectl describe", () => {
  const { conditions } = statusOf(findingsOf(emptyFacts()));
  expect(conditions!.map(({ type }) => type)).toEqual(Object.keys(conditionFunctions));
  for (const { reason, message, lastTransitionTime, observedGeneration } of conditions!) {
    expect(reason).toMatch(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/);
    expect(message).not.toBe("");
    expect({ lastTransitionTime, observedGeneration }).toEqual({
      lastTransitionTime: "2026-11-25T12:00:00Z",
      observedGeneration: 1,
    });
  }
});

test("the status of a healthy cluster", () => {
  const { conditions: _conditions, ...status } = statusOf(findingsOf(healthyFacts()));
  expect(status).toEqual({
    observedGeneration: 1,
    replicas: 2,
    readyReplicas: 2,
    selector:
      "app.kubernetes.io/component=server,app.kubernetes.io/instance=chat,app.kubernetes.io/name=realtime-gateway",
    url: "http://chat.example.com",
    connections: { total: 200, mostLoadedPod: "chat-server-1", leastLoadedPod: "chat-server-2" },
  });
});

describe("times", () => {
  const facts = healthyFacts();
  const first = statusOf(findingsOf(facts));

  test("gives the same status for the same facts an hour later", () => {
    const second = statusOf(findingsOf(later(facts, first, { nowMs: nowMs + 3_600_000 })));
    expect(second).toEqual(first);
    expect(isSameStatus(first, second)).toBe(true);
  });

  test("changes a condition's time with its status", () => {
    const second = statusOf(findingsOf(later(healthyFacts({ deployment: { readyReplicas: 0 } }), first)));
    expect(condition(second, "Ready")).toMatchObject({ status: "False", lastTransitionTime: "2026-11-25T12:01:00Z" });
    expect(condition(second, "RedisReady").lastTransitionTime).toBe("2026-11-25T12:00:00Z");
  });

  test("keeps a condition's time when only its reason changes", () => {
    const before = statusOf(findingsOf(healthyFacts({ deployment: { readyReplicas: 0 } })));
    const after = statusOf(findingsOf(later(facts, before), { problem: { reason: "SecretMissing", message: "gone" } }));
    expect(condition(before, "Ready")).toMatchObject({ status: "False", reason: "GatewaysNotReady" });
    expect(condition(after, "Ready")).toMatchObject({
      status: "False",
      reason: "SecretMissing",
      lastTransitionTime: "2026-11-25T12:00:00Z",
    });
  });
});

// kstatus (sigs.k8s.io/cli-utils) calls a resource current when its newest generation was observed and Ready is True.
test.each([
  { when: "everything exists", facts: healthyFacts(), want: "True" },
  { when: "pods are being created", facts: healthyFacts({ deployment: { readyReplicas: 1 } }), want: "False" },
  {
    when: "the Deployment's controller has not seen the newest template",
    facts: healthyFacts({ deployment: { observedGeneration: 0 } }),
    want: "False",
  },
  { when: "old pods remain", facts: healthyFacts({ deployment: { replicas: 3 } }), want: "False" },
  { when: "nothing was created yet", facts: emptyFacts(), want: "False" },
])("Ready is $want for GitOps tools, with the observed generation, when $when", ({ facts, want }) => {
  const status = statusOf(
    findingsOf({ ...facts, cluster: { ...facts.cluster, metadata: { ...facts.cluster.metadata, generation: 7 } } }),
  );
  expect({
    status: condition(status, "Ready").status,
    generations: [status.observedGeneration, condition(status, "Ready").observedGeneration],
  }).toEqual({ status: want, generations: [7, 7] });
});

test.each([
  { when: "an Ingress without TLS", exposure: { type: "Ingress", host: "a.b" }, want: "http://a.b" },
  {
    when: "an Ingress with TLS",
    exposure: { type: "Ingress", host: "a.b", tls: { secretName: "t" } },
    want: "https://a.b",
  },
  {
    when: "a Gateway",
    exposure: { type: "Gateway", host: "a.b", gateway: { parentRefs: [{ name: "g" }] } },
    want: "https://a.b",
  },
  { when: "no exposure", exposure: { type: "None" }, want: "http://chat-server.apps.svc" },
])("the address with $when is $want", ({ exposure, want }) => {
  expect(statusOf(findingsOf(emptyFacts({ cluster: clusterWith({ exposure }) }))).url).toBe(want);
});

describe("a status is the same", () => {
  const status = statusOf(findingsOf(healthyFacts()));
  const foreign: Condition = {
    type: "example.com/Audited",
    status: "True",
    reason: "Yes",
    message: "",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  };
  test.each([
    { when: "nothing differs", before: status, want: true },
    {
      when: "its keys come in another order",
      before: Object.fromEntries(Object.entries(status).reverse()) as unknown as Status,
      want: true,
    },
    {
      when: "other controllers have added a condition",
      before: { ...status, conditions: [...status.conditions!, foreign] },
      want: true,
    },
    {
      when: "one of our conditions is gone",
      before: { ...status, conditions: status.conditions!.slice(1) },
      want: false,
    },
    {
      when: "a field was added",
      before: { ...status, drain: { pods: 1, connectionsLeft: 1, secondsLeft: 1 } },
      want: false,
    },
    { when: "there was none", before: undefined, want: false },
  ])("$want when $when", ({ before, want }) => {
    expect(isSameStatus(before, status)).toBe(want);
  });
});

test("cuts a message to what people read and the API server accepts", () => {
  const status = statusOf(findingsOf(healthyFacts(), { problem: { reason: "Refused", message: "x".repeat(100_000) } }));
  for (const { message } of status.conditions!) expect(message.length).toBeLessThanOrEqual(2048);
});
