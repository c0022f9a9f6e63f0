import { expect, test } from "@jest/globals";
import { customResourceDefinition } from "../../src/api/generated/custom-resource-definition.ts";
import { autoscalingBehavior } from "../../src/manifests/shared/autoscaling-behavior.ts";
import { goldenCase } from "../manifests/golden-case.ts";
import { document, rows, section } from "./documents.ts";

const page = document("tuning.md");
const { cluster, manifests } = goldenCase("minimal");

/** The spec of an object in the golden files of the minimal case. */
function specOf<T>(kind: string, name: string): T {
  return manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name.endsWith(name))?.["spec"] as T;
}

interface Workload {
  strategy: { rollingUpdate: { maxSurge: number; maxUnavailable: number } };
  template: {
    spec: {
      terminationGracePeriodSeconds: number;
      topologySpreadConstraints: { maxSkew: number }[];
      containers: { env: { name: string; value?: string }[]; resources: { limits: Record<string, string> } }[];
    };
  };
}

function maxmemory(): string | undefined {
  const isRedis = ({ kind, metadata }: (typeof manifests)[number]) =>
    kind === "ConfigMap" && metadata.name.endsWith("-redis");
  const data = manifests.find(isRedis)?.["data"] as Record<string, string>;
  return /^maxmemory (\d+)$/m.exec(data["redis.conf"] ?? "")?.[1];
}

test("every derived figure equals the code's for the minimal cluster", () => {
  const { strategy, template } = specOf<Workload>("Deployment", "-server");
  const [gateway] = template.spec.containers;
  const [redisContainer] = specOf<Workload>("StatefulSet", "-redis").template.spec.containers;
  const { limits, drain, replicas } = cluster.spec;
  const heap = gateway?.env.find(({ name }) => name === "NODE_OPTIONS")?.value?.split("=")[1];
  const { scaleUp, scaleDown } = autoscalingBehavior;
  const policies = (list: readonly { type: string; value: number }[]) =>
    list.map(({ type, value }) => (type === "Percent" ? `${value} %` : String(value))).join(" or ");
  expect(Object.fromEntries(rows(page.split("\n## ")[0] ?? "").map(([figure, , value]) => [figure, value]))).toEqual({
    "heap of a gateway": `${heap} MiB`,
    "memory limit of a gateway": gateway?.resources.limits["memory"],
    "CPU limit of a gateway": gateway?.resources.limits["cpu"] ?? "none",
    "grace period of a pod": `${template.spec.terminationGracePeriodSeconds} s`,
    "time a full pod needs to drain": `${limits.maxConnections / replicas / drain.connectionsPerSecond} s`,
    "pods at a time in a rollout": `surge ${strategy.rollingUpdate.maxSurge}, unavailable ${strategy.rollingUpdate.maxUnavailable}`,
    "pods at a time in node drains": String(
      specOf<{ maxUnavailable: number }>("PodDisruptionBudget", "-server").maxUnavailable,
    ),
    "spread of pods": `skew ${template.spec.topologySpreadConstraints[0]?.maxSkew}`,
    "memory limit of Redis": redisContainer?.resources.limits["memory"],
    "maxmemory of Redis": `${maxmemory()} bytes`,
    "pods an autoscaler adds": policies(scaleUp.policies),
    "pods an autoscaler removes": policies(scaleDown.policies),
  });
  expect(page).toContain(
    `per ${scaleDown.policies[0].periodSeconds} s, after ${scaleDown.stabilizationWindowSeconds} s below the target`,
  );
});

test("the page says when to change each limit of the spec, and lists no other", () => {
  const fields =
    customResourceDefinition.spec.versions[0].schema.openAPIV3Schema.properties?.["spec"]?.properties?.["limits"]
      ?.properties ?? {};
  expect(rows(section(page, "Limits")).map(([field]) => field)).toEqual(Object.keys(fields));
});
