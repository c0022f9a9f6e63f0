import { describe, expect, test } from "@jest/globals";
import { type KubeObject, textOf } from "../api/kube-object.ts";
import { clusterWith, healthyFacts, nowMs, podWith } from "../../test/reconcile/build.ts";
import { desired } from "./desired.ts";
import type { Facts } from "./facts/facts.ts";
import { inputsOf } from "./inputs-of.ts";
import { plan, type Step } from "./plan.ts";

const planOf = (facts: Facts) => plan(desired(facts.cluster, inputsOf(facts)), facts);
const stepsOf = (facts: Facts) => planOf(facts).steps.map(textOfStep);

function textOfStep(step: Step): string {
  const object = "child" in step ? step.child : step.type === "grow" ? step.claim : step.manifest;
  return `${step.type}${"isNew" in step && step.isNew ? " new" : ""} ${textOf(object)}`;
}
const claim = (storage: string): KubeObject => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data-chat-redis-0", namespace: "apps", uid: "claim" },
  spec: { resources: { requests: { storage } } },
  status: { phase: "Bound" },
});

describe("volume claims", () => {
  const grow = (change: Partial<Facts>, storage = "2Gi") =>
    stepsOf(
      healthyFacts({
        cluster: clusterWith({ redis: { type: "Managed", managed: { storage } } }),
        pods: [podWith("p")],
        ...change,
      }),
    ).filter((step) => step.startsWith("grow"));
  const refused = (storage: string, atMs = nowMs) => new Map([["claim", { storage, message: "no", atMs }]]);
  const asked = ["grow PersistentVolumeClaim data-chat-redis-0"];
  test.each([
    { when: "grows a smaller claim", claims: [claim("1Gi")], want: asked },
    { when: "leaves a claim alone whose equal size is written differently", claims: [claim("2048Mi")], want: [] },
    { when: "leaves a larger claim alone", claims: [claim("3Gi")], want: [] },
    {
      when: "leaves a claim without a volume alone",
      claims: [{ ...claim("1Gi"), status: { phase: "Pending" } }],
      want: [],
    },
    {
      when: "does not retry a refused growth at once",
      claims: [claim("1Gi")],
      refusedGrowth: refused("2Gi", nowMs - 9 * 60_000),
      want: [],
    },
    {
      when: "retries a refused growth after a while, in case the StorageClass allows it now",
      claims: [claim("1Gi")],
      refusedGrowth: refused("2Gi", nowMs - 10 * 60_000),
      want: asked,
    },
    {
      when: "grows a claim whose growth to another size was refused",
      claims: [claim("1Gi")],
      refusedGrowth: refused("5Gi"),
      want: asked,
    },
  ])("$when", ({ claims, refusedGrowth = new Map(), want }) => {
    expect(grow({ claims, refusedGrowth })).toEqual(want);
  });
});

describe("labels and annotations of volume claims", () => {
  const cluster = clusterWith({ labels: { team: "web" } });
  const applied = (facts: Facts) =>
    planOf(facts).steps.flatMap((step) =>
      step.type === "apply" && step.manifest.kind === "PersistentVolumeClaim" ? [step.manifest] : [],
    );

  test("are applied to an existing claim and keep it from being pruned", () => {
    expect(applied(healthyFacts({ cluster, claims: [claim("1Gi")] }))).toMatchObject([
      {
        metadata: {
          name: "data-chat-redis-0",
          uid: "claim",
          labels: { team: "web", "app.kubernetes.io/instance": "chat" },
          annotations: { "argocd.argoproj.io/sync-options": "Prune=false,Delete=false" },
        },
      },
    ]);
  });

  test("are not applied again when the claim has them", () => {
    const [manifest] = applied(healthyFacts({ cluster, claims: [claim("1Gi")] }));
    const managedFields = [{ manager: "realtime-operator", operation: "Apply" as const, fieldsV1: {} }];
    const labelled = { ...claim("1Gi"), metadata: { ...manifest!.metadata, managedFields } };
    expect(applied(healthyFacts({ cluster, claims: [labelled] }))).toEqual([]);
  });

  test("are not applied to a claim that is being deleted", () => {
    const leaving = { ...claim("1Gi"), metadata: { ...claim("1Gi").metadata, deletionTimestamp: "2026-01-01" } };
    expect(applied(healthyFacts({ cluster, claims: [leaving] }))).toEqual([]);
  });
});
