import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../api/kube-object.ts";
import { resources } from "../../api/resources.ts";
import { ApiError } from "../../kube/errors.ts";
import { FakeKube } from "../../../../testkit/fake-kube/fake-kube.ts";
import { clusterWith, healthyFacts, podWith } from "../../../test/reconcile/build.ts";
import { setDeletionCosts } from "./deletion-costs.ts";
import { desired } from "../desired.ts";
import type { Facts } from "../facts/facts.ts";
import { inputsOf } from "../inputs-of.ts";
import { plan } from "../plan.ts";
import { deletionCostAnnotation } from "../../watches/trimmed-pod.ts";

const connections: Record<string, number> = { a: 70, b: 3 };
const signal = new AbortController().signal;

/** Runs setDeletionCosts() just before a Deployment of two pods is scaled to this many replicas. */
async function steered(replicas: number, pods: KubeObject[], fail?: Error) {
  const kube = new FakeKube({ namespaces: ["apps"] });
  for (const { metadata } of pods)
    await kube.create(resources.pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: metadata.name,
        namespace: "apps",
        ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
      },
    });
  const before = healthyFacts({ pods });
  const facts: Facts = { ...before, cluster: clusterWith({ replicas }) };
  const asked: string[] = [];
  const gateways = {
    pushConfig: () => Promise.reject(new Error("not here")),
    readHealth: async (pod: KubeObject) => (
      asked.push(pod.metadata.name),
      {
        askedAtMs: 0,
        ...(pod.metadata.name in connections
          ? { connections: connections[pod.metadata.name]! }
          : { problem: "silent" }),
      }
    ),
  };
  const made = kube.requests.length;
  if (fail !== undefined) kube.failNext(fail);
  await setDeletionCosts(plan(desired(facts.cluster, inputsOf(facts)), facts), facts, { kube, gateways, signal });
  const costs = Object.fromEntries(
    kube.objects(resources.pods).map(({ metadata }) => [metadata.name, metadata.annotations?.[deletionCostAnnotation]]),
  );
  return { asked, costs, writes: kube.requests.length - made };
}

const two = [podWith("a"), podWith("b")];

describe("before the Deployment shrinks", () => {
  test("sets each pod's cost to its connections, so that the emptiest are deleted", async () => {
    expect(await steered(1, two)).toEqual({ asked: ["a", "b"], costs: { a: "70", b: "3" }, writes: 2 });
  });

  const costing = (name: string, cost: string) =>
    podWith(name, { metadata: { ...podWith(name).metadata, annotations: { [deletionCostAnnotation]: cost } } });
  test.each([
    { when: "a pod has the right cost already", pods: [costing("a", "70"), costing("b", "3")], wantAsked: ["a", "b"] },
    {
      when: "a pod is terminating",
      pods: [podWith("a"), podWith("b", { metadata: { ...podWith("b").metadata, deletionTimestamp: "x" } })],
      wantAsked: [],
    },
    {
      when: "a pod does not run yet",
      pods: [podWith("a"), podWith("b", { status: { phase: "Pending" } })],
      wantAsked: [],
    },
    { when: "a pod is Redis", pods: [podWith("a"), podWith("b", { component: "redis" })], wantAsked: [] },
    { when: "there are no more pods than are wanted", pods: [podWith("a")], wantAsked: [] },
  ])("writes nothing when $when", async ({ pods, wantAsked }) => {
    expect(await steered(1, pods)).toMatchObject({ asked: wantAsked, writes: 0 });
  });

  test("gives a pod that does not answer the lowest cost", async () => {
    expect((await steered(1, [podWith("a"), podWith("silent")])).costs).toEqual({ a: "70", silent: "0" });
  });

  test("does not fail when a pod was deleted in the meantime", async () => {
    await steered(1, two, new ApiError("gone", { status: 404, reason: "NotFound" }));
  });

  test("fails on any other refusal, or the wrong pods would be deleted", async () => {
    await expect(steered(1, two, new ApiError("no", { status: 403, reason: "Forbidden" }))).rejects.toThrow("no");
  });
});

test.each([
  { when: "grows", replicas: 3 },
  { when: "stays", replicas: 2 },
  { when: "goes to zero, which deletes all pods", replicas: 0 },
])("asks and writes nothing when the Deployment $when", async ({ replicas }) => {
  expect(await steered(replicas, two)).toMatchObject({ asked: [], writes: 0 });
});
