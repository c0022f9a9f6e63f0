import { describe, expect, test } from "@jest/globals";
import { type KubeObject, textOf } from "../api/kube-object.ts";
import { resources } from "../api/resources.ts";
import { clusterWith, emptyFacts, healthyFacts, withChild } from "../../test/reconcile/build.ts";
import { desired } from "./desired.ts";
import type { Facts } from "./facts/facts.ts";
import { inputsOf } from "./inputs-of.ts";
import { plan, type Step } from "./plan.ts";
import { recordAnnotation } from "../manifests/shared/child.ts";
import { optionalName } from "../watches/optional-kinds.ts";

const planOf = (facts: Facts) => plan(desired(facts.cluster, inputsOf(facts)), facts);
const stepsOf = (facts: Facts) => planOf(facts).steps.map(textOfStep);

function textOfStep(step: Step): string {
  const object = "child" in step ? step.child : step.type === "grow" ? step.claim : step.manifest;
  return `${step.type}${"isNew" in step && step.isNew ? " new" : ""} ${textOf(object)}`;
}

const edited = (child: KubeObject): KubeObject => ({ ...child, metadata: { ...child.metadata, managedFields: [] } });
const extra = (kind: string, metadata: object = {}): KubeObject => {
  const [some] = healthyFacts().children;
  return { apiVersion: "v1", kind, metadata: { ...some!.metadata, name: "chat-old", uid: "old", ...metadata } };
};

test("plans nothing when everything is as wanted", () => {
  expect(planOf(healthyFacts())).toEqual({ steps: [], waiting: [], later: [] });
});

test("creates all objects of a new cluster in the order of desired.ts, the Secret create-only", () => {
  const facts = emptyFacts();
  const wanted = desired(facts.cluster, inputsOf(facts)).map(
    (manifest) => `${manifest.kind === "Secret" ? "create" : "apply"} new ${textOf(manifest)}`,
  );
  expect(stepsOf(facts)).toEqual(wanted);
});

test.each(
  healthyFacts()
    .children.filter(({ kind }) => kind !== "Secret")
    .map((child) => ({ what: textOf(child), child })),
)("$what is made again when deleted, and put back when edited", ({ what, child }) => {
  const { kind, metadata } = child;
  expect(stepsOf(withChild(healthyFacts(), kind, undefined, metadata.name))).toEqual([`apply new ${what}`]);
  expect(stepsOf(withChild(healthyFacts(), kind, edited, metadata.name))).toEqual([`apply ${what}`]);
});

describe("the Secret with the password", () => {
  const data =
    (change: object) =>
    (child: KubeObject): KubeObject => ({ ...child, data: { ...(child["data"] as object), ...change } });
  test.each([
    { when: "keeps another password", next: data({ "redis-password": "bXk=" }), want: [] },
    { when: "keeps keys that others added", next: data({ more: "bXk=" }), want: [] },
    {
      when: "restores a removed key",
      next: data({ "admin-token": undefined }),
      want: ["apply Secret chat-auth"],
    },
    { when: "restores an emptied key", next: data({ "admin-token": "" }), want: ["apply Secret chat-auth"] },
    {
      when: "fills a Secret without data",
      next: ({ data: _data, ...child }: KubeObject): KubeObject => child,
      want: ["apply Secret chat-auth"],
    },
    {
      when: "adopts a Secret that lost its owner",
      next: (child: KubeObject): KubeObject => ({ ...child, metadata: { ...child.metadata, ownerReferences: [] } }),
      want: ["apply Secret chat-auth"],
    },
  ])("$when", ({ next, want }) => {
    expect(stepsOf(withChild(healthyFacts(), "Secret", next))).toEqual(want);
  });

  test("keeps its password when a lost key is restored", () => {
    const [step] = planOf(
      withChild(
        healthyFacts({
          drawn: { redisPassword: "other", adminToken: "new", publishToken: "newest", handlerSecret: "newer" },
        }),
        "Secret",
        data({ "admin-token": undefined, "redis-password": "b2xk" }),
      ),
    ).steps;
    expect(step).toMatchObject({
      manifest: {
        data: {
          "redis-password": "b2xk",
          "redis-auth.conf": Buffer.from("requirepass old\n").toString("base64"),
          "admin-token": Buffer.from("new").toString("base64"),
        },
      },
    });
  });
});

test("applies a changed label to the Secret with the version that was read as precondition", () => {
  const labelled = { ...healthyFacts(), cluster: clusterWith({ labels: { team: "web" } }) };
  const facts = withChild(labelled, "Secret", (child) => ({
    ...child,
    metadata: { ...child.metadata, resourceVersion: "7" },
  }));
  const step = planOf(facts).steps.find((one) => one.type === "apply" && one.manifest.kind === "Secret");
  expect(step).toMatchObject({
    manifest: {
      metadata: { resourceVersion: "7", labels: { team: "web" } },
      data: { "admin-token": expect.any(String) as unknown },
    },
  });
});

describe("labels and annotations of an earlier spec", () => {
  const before = clusterWith({ labels: { team: "web", tier: "one" }, annotations: { "example.com/owner": "web" } });
  const labelledBefore = healthyFacts({ cluster: before });
  const withSpec = (spec: object): Facts => ({ ...labelledBefore, cluster: clusterWith(spec) });
  const secretSteps = (facts: Facts) => planOf(facts).steps.filter((step) => textOfStep(step).includes("Secret"));

  test("are removed from the Secret, which keeps those that are wanted and those of others", () => {
    const facts = withChild(withSpec({ labels: { tier: "one" } }), "Secret", (child) => ({
      ...child,
      metadata: { ...child.metadata, labels: { ...child.metadata.labels, "velero.io/kept": "yes" } },
    }));
    expect(secretSteps(facts)).toMatchObject([
      { type: "strip", stale: { labels: ["team"], annotations: ["example.com/owner"] } },
    ]);
  });

  test("are removed with their record when the spec adds nothing any more", () => {
    expect(secretSteps(withSpec({}))).toMatchObject([
      { type: "strip", stale: { labels: ["team", "tier"], annotations: ["example.com/owner", recordAnnotation] } },
    ]);
  });

  test.each(["{", "null", "7", '{"labels":7}', '{"labels":[7]}'])(
    "are not guessed from an invalid record %s",
    (text) => {
      const facts = withChild(healthyFacts(), "Secret", (child) => ({
        ...child,
        metadata: {
          ...child.metadata,
          labels: { ...child.metadata.labels, team: "web" },
          annotations: { ...child.metadata.annotations, [recordAnnotation]: text },
        },
      }));
      expect(secretSteps(facts)).toMatchObject([
        { type: "strip", stale: { labels: [], annotations: [recordAnnotation] } },
      ]);
    },
  );
});

describe("removal", () => {
  const allowed = [
    "ConfigMap",
    "Deployment",
    "HTTPRoute",
    "HorizontalPodAutoscaler",
    "Ingress",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "PrometheusRule",
    "ScaledObject",
    "Service",
    "ServiceAccount",
    "ServiceMonitor",
    "StatefulSet",
  ];
  const never = ["Secret", "PersistentVolumeClaim", "Pod", "Event"];

  test("the two lists hold every kind this operator knows", () => {
    expect([...allowed, ...never].sort()).toEqual(
      Object.values(resources)
        .map(({ kind }) => kind)
        .sort(),
    );
  });

  test.each(allowed)("removes a %s of ours that is not wanted", (kind) => {
    const healthy = healthyFacts();
    expect(stepsOf({ ...healthy, children: [...healthy.children, extra(kind)] })).toEqual([`remove ${kind} chat-old`]);
  });

  test.each(never)("never removes a %s", (kind) => {
    const healthy = healthyFacts();
    expect(stepsOf({ ...healthy, children: [...healthy.children, extra(kind)] })).toEqual([]);
  });

  test.each([
    {
      when: "another owner has",
      metadata: {
        ownerReferences: [
          { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", name: "chat-server", uid: "so", controller: true },
        ],
      },
    },
    { when: "has no owner", metadata: { ownerReferences: [] } },
    { when: "is being deleted", metadata: { deletionTimestamp: "2026-11-25T12:00:00Z" } },
  ])("leaves alone what $when", ({ metadata }) => {
    const healthy = healthyFacts();
    expect(stepsOf({ ...healthy, children: [...healthy.children, extra("ConfigMap", metadata)] })).toEqual([]);
  });

  test("removes an autoscaler before the Deployment is applied, everything else after", () => {
    const healthy = healthyFacts();
    const facts = withChild(
      { ...healthy, children: [...healthy.children, extra("HorizontalPodAutoscaler"), extra("ConfigMap")] },
      "Deployment",
      edited,
    );
    expect(stepsOf(facts)).toEqual([
      "remove HorizontalPodAutoscaler chat-old",
      "apply Deployment chat-server",
      "remove ConfigMap chat-old",
    ]);
  });
});

describe("kinds that are not installed", () => {
  const monitored = clusterWith({
    monitoring: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } },
  });
  const waitingOf = (installed: string[]) => {
    const facts = emptyFacts({ cluster: monitored, installed: new Set(installed) });
    return {
      waiting: planOf(facts).waiting.map(textOf),
      planned: stepsOf(facts).filter((step) => /Monitor|Rule/.test(step)),
    };
  };

  test("wait without blocking other objects", () => {
    expect(waitingOf([])).toEqual({
      waiting: ["ServiceMonitor chat-server", "PrometheusRule chat-server"],
      planned: [],
    });
    expect(waitingOf([optionalName(resources.serviceMonitors)])).toEqual({
      waiting: ["PrometheusRule chat-server"],
      planned: ["apply new ServiceMonitor chat-server"],
    });
  });
});

test("does not write to an object that is being deleted", () => {
  const leaving = (child: KubeObject): KubeObject => ({
    ...edited(child),
    metadata: { ...child.metadata, deletionTimestamp: "2026-11-25T12:00:00Z" },
  });
  expect(stepsOf(withChild(healthyFacts(), "Service", leaving, "chat-server"))).toEqual([]);
});
