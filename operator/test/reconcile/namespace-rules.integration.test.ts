// Rules that administrators set for a namespace, on a real API server: a webhook that changes objects, default and
// maximum resources, and quotas.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import { until } from "../../../testkit/until.ts";
import { mutatingWebhook, type PatchOperation } from "../support/mutating-webhook.ts";
import { writes } from "./recorded-requests.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 900_000);
afterAll(() => world.stop(), 60_000);

const template = "/spec/template/spec";

/** Labels, an annotation, another registry, more variables, a sidecar and a toleration, as usual webhooks add them. */
function injected({ kind, ...object }: KubeObject): PatchOperation[] {
  const labels: PatchOperation = { op: "add", path: "/metadata/labels/example.com~1injected", value: "yes" };
  if (kind !== "Deployment" && kind !== "StatefulSet") return [labels];
  const { spec } = (
    object["spec"] as { template: { spec: { containers: { name: string }[]; tolerations?: object[] } } }
  ).template;
  const isInjected = spec.containers.some(({ name }) => name === "sidecar");
  const image: PatchOperation = {
    op: "replace",
    path: `${template}/containers/0/image`,
    value: "mirror.example.com/image:1",
  };
  if (isInjected) return [labels, image];
  return [
    labels,
    image,
    { op: "add", path: "/spec/template/metadata/annotations/example.com~1injected", value: "yes" },
    { op: "add", path: `${template}/containers/0/env/-`, value: { name: "HTTP_PROXY", value: "http://proxy" } },
    { op: "add", path: `${template}/containers/0/resources/limits/cpu`, value: "2" },
    { op: "add", path: `${template}/tolerations`, value: [{ key: "pool", operator: "Exists" }] },
    { op: "add", path: `${template}/containers/-`, value: { name: "sidecar", image: "sidecar:1" } },
  ];
}

function podSpecOf(object: KubeObject): { containers: { name: string; image: string; env?: { name: string }[] }[] } {
  return (object["spec"] as { template: { spec: ReturnType<typeof podSpecOf> } }).template.spec;
}

test("does not write again and keeps what was injected when a webhook changes every object", async () => {
  const ground = await world.ground();
  const { kube, namespace } = ground;
  const webhook = await mutatingWebhook(world.plane, { namespace, patchOf: injected });
  let probes = 0;
  await until(
    "the API server to call the webhook",
    async () => {
      const metadata = { name: `probe-${(probes += 1)}`, namespace, labels: { probe: "yes" } };
      const probe = await kube.apply(resources.configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata });
      return probe.metadata.labels?.["example.com/injected"] === "yes";
    },
    30_000,
    100,
  );
  const operator = ground.operator();
  await ground.apply("chat");
  await ground.object(resources.ingresses, "chat-server");
  await ground.atRest("chat", operator);
  for (const replicas of [3, 4]) {
    await ground.apply("chat", { replicas, limits: { maxConnections: 1000 * replicas } });
    const hasReplicas = ({ spec }: KubeObject) => (spec as { replicas?: number } | undefined)?.replicas === replicas;
    await ground.object(resources.deployments, "chat-server", hasReplicas);
    await ground.atRest("chat", operator);
    for (const [resource, child, workload] of [
      [resources.deployments, "chat-server", "gateway"],
      [resources.statefulSets, "chat-redis", "redis"],
    ] as const) {
      const object = await ground.object(resource, child);
      const { containers } = podSpecOf(object);
      const names = containers.map((container) => container.name).sort();
      expect([replicas, child, names]).toEqual([replicas, child, [workload, "sidecar"].sort()]);
      expect(object.metadata.labels?.["example.com/injected"]).toBe("yes");
    }
  }
  await operator.stop();
  const restarted = ground.operator({ identity: "operator-2" });
  await ground.atRest("chat", restarted);
  expect(writes(restarted.requests, "chat").filter((request) => !request.includes("status"))).toEqual([]);
  expect((await ground.condition("chat", "Degraded", "False")).message).toBe("no problem is known");
  await ground.stop();
  await webhook.stop();
}, 180_000);

test("is at rest when a LimitRange sets default and maximum resources", async () => {
  const ground = await world.ground();
  const limits = [
    {
      type: "Container",
      default: { cpu: "1", memory: "256Mi", "ephemeral-storage": "1Gi" },
      defaultRequest: { cpu: "10m", memory: "32Mi", "ephemeral-storage": "10Mi" },
      max: { memory: "2Gi" },
    },
  ];
  await created(ground.namespace, { kind: "LimitRange", metadata: { name: "defaults" }, spec: { limits } });
  const operator = ground.operator();
  await ground.apply("chat");
  await ground.object(resources.ingresses, "chat-server");
  await ground.atRest("chat", operator);
  const { items } = await ground.kube.list(resources.pods, { namespace: ground.namespace });
  expect(items.length).toBeGreaterThan(0);
  await ground.stop();
}, 120_000);

describe("a condition names the rule that refuses", () => {
  test.each([
    {
      what: "a quota that allows no more pods",
      rule: { kind: "ResourceQuota", metadata: { name: "small" }, spec: { hard: { pods: "0" } } },
      want: /exceeded quota: small/,
    },
    {
      what: "a quota that asks for limits",
      rule: { kind: "ResourceQuota", metadata: { name: "strict" }, spec: { hard: { "limits.cpu": "10" } } },
      want: /failed quota: strict: must specify limits\.cpu/,
    },
    {
      what: "a LimitRange whose maximum is too small",
      rule: {
        kind: "LimitRange",
        metadata: { name: "tiny" },
        spec: { limits: [{ type: "Container", max: { memory: "16Mi" } }] },
      },
      want: /maximum memory usage per Container is 16Mi/,
    },
  ])(
    "$what",
    async ({ rule, want }) => {
      const ground = await world.ground();
      await created(ground.namespace, rule);
      ground.operator();
      await ground.apply("chat");
      const { message } = await ground.condition("chat", "Degraded", "True RolloutStalled");
      expect(message).toMatch(want);
      const redis = await ground.condition("chat", "RedisReady", "False NotReady");
      expect(redis.message).toMatch(/describe statefulset chat-redis/);
      await ground.stop();
    },
    120_000,
  );

  test("a quota of objects, and the cluster is complete when the quota is raised", async () => {
    const ground = await world.ground();
    const quota = (services: string) => ({
      kind: "ResourceQuota",
      metadata: { name: "few" },
      spec: { hard: { services } },
    });
    await created(ground.namespace, quota("1"));
    ground.operator();
    await ground.apply("chat");
    const { message } = await ground.condition("chat", "Degraded", "True ApplyFailed");
    expect(message).toMatch(/Service chat-redis.*exceeded quota: few/);
    await created(ground.namespace, quota("5"));
    await ground.object(resources.ingresses, "chat-server");
    await ground.stop();
  }, 120_000);
});

async function created(
  namespace: string,
  object: { kind: string; metadata: { name: string }; spec: object },
): Promise<void> {
  const input = JSON.stringify({ apiVersion: "v1", ...object });
  await world.plane.kubectl(["apply", "-n", namespace, "-f", "-"], { input });
  if (object.kind !== "ResourceQuota") return;
  // Until the controller has written the status, the API server refuses everything with another message.
  const status = ["--for=jsonpath={.status.hard}", "--timeout=60s"];
  await world.plane.kubectl(["wait", "-n", namespace, `resourcequota/${object.metadata.name}`, ...status]);
}
