import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, until, type Fleet, type KubeView } from "../../testkit/cluster/fleet.ts";

let fleet: Fleet;
let deployment: string;
beforeAll(async () => {
  fleet = await startFleet("autoscaling", { drain: { timeoutSeconds: 5 } });
  deployment = `${fleet.name}-server`;
}, 240_000);
afterAll(() => fleet.remove());

const replicas = async () =>
  (await fleet.get<KubeView & { spec: { replicas: number } }>("deployment", deployment)).spec.replicas;
const scaleDeployment = (count: number) => fleet.kubectl(["scale", `deployment/${deployment}`, `--replicas=${count}`]);

/** Resolves when the operator has reconciled the newest spec. */
async function lookedAt(): Promise<void> {
  const { metadata } = await fleet.get("rtc", fleet.name);
  await until(
    "the operator to have reconciled the edit",
    async () => (await fleet.get<KubeView>("rtc", fleet.name)).status?.["observedGeneration"] === metadata.generation,
    30_000,
  );
}

test("restores spec.replicas when a Deployment is scaled by hand without autoscaling", async () => {
  await scaleDeployment(4);
  await until("the Deployment to have two replicas again", async () => (await replicas()) === 2, 30_000);
});

test("creates an autoscaler, keeps the number of pods, and reports what the autoscaler lacks when autoscaling is on", async () => {
  await fleet.patch({ spec: { autoscaling: { minReplicas: 2, maxReplicas: 5, connectionsPerPod: 100 } } });
  await lookedAt();
  const { spec } = await fleet.get<KubeView>("horizontalpodautoscaler", deployment);
  expect(spec).toMatchObject({
    minReplicas: 2,
    maxReplicas: 5,
    scaleTargetRef: { kind: "Deployment", name: deployment },
  });
  expect(await replicas()).toBe(2);
  // This Kubernetes cluster has no metrics API. The HorizontalPodAutoscaler reports this problem in its status, and the
  // RealtimeCluster must repeat it.
  await until(
    "the condition to repeat the autoscaler's message",
    async () => (await fleet.condition("AutoscalingActive"))?.status === "False",
    60_000,
  );
  expect((await fleet.condition("AutoscalingActive"))?.message).toContain("realtime_connections");
}, 120_000);

test("keeps the number of pods that the autoscaler or a user writes through /scale", async () => {
  await fleet.patch({ spec: { autoscaling: { minReplicas: 3 } } });
  await until("the autoscaler to ask for three", async () => (await replicas()) === 3, 60_000);
  await scaleDeployment(4);
  // Edit the pod template, so that the operator applies the Deployment. It must not set the Deployment's replicas.
  await fleet.patch({ spec: { podPatch: { metadata: { annotations: { "example.com/release": "2" } } } } });
  await until(
    "the edit to be in the Deployment",
    async () => JSON.stringify(await fleet.get("deployment", deployment)).includes("example.com/release"),
    30_000,
  );
  await lookedAt();
  expect(await replicas()).toBe(4);
}, 120_000);

test("removes the autoscaler and restores spec.replicas when autoscaling is removed from the spec", async () => {
  await fleet.patch({ spec: { autoscaling: null } });
  await until("spec.replicas", async () => (await replicas()) === 2, 30_000);
  expect(await fleet.list("horizontalpodautoscalers")).toEqual([]);
}, 60_000);
