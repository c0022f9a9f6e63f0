import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../api/kube-object.ts";
import { liveConfig, liveConfigHash } from "../manifests/shared/live-config.ts";
import { clusterWith, emptyFacts, healthyFacts, jwtSecret, withChild } from "../../test/reconcile/build.ts";
import type { Facts } from "./facts/facts.ts";
import { inputsOf } from "./inputs-of.ts";
import type { GatewayAnswer } from "../gateways/gateway-answer.ts";
import { templateVersions } from "../manifests/shared/pod-release.ts";

describe("the number of the live fields", () => {
  const configMap =
    (text: string | undefined) =>
    (child: KubeObject): KubeObject => ({ ...child, data: text === undefined ? {} : { "config.json": text } });
  const of = (generation: number) =>
    JSON.stringify(liveConfig(clusterWith(), generation, templateVersions.gateway.newest));
  const facts = (text: string | undefined, generation = 3, answers: Partial<GatewayAnswer>[] = []): Facts =>
    withChild(
      {
        ...healthyFacts(),
        cluster: clusterWith({}, { generation }),
        answers: new Map(answers.map((answer, index) => [`p${index}`, { askedAtMs: 0, ...answer }])),
      },
      "ConfigMap",
      configMap(text),
      "chat-server",
    );
  const hashOf = (generation: number) =>
    liveConfigHash(liveConfig(clusterWith(), generation, templateVersions.gateway.newest));

  test.each([
    { when: "stays when only other fields were edited", facts: facts(of(2), 9), want: 2 },
    {
      when: "is the resource's generation for a new cluster",
      facts: emptyFacts({ cluster: clusterWith({}, { generation: 4 }) }),
      want: 4,
    },
    { when: "is the resource's generation for a new content", facts: facts(of(2).replace("10000", "1"), 5), want: 5 },
    { when: "is above the ConfigMap's for a new content", facts: facts(of(8).replace("10000", "1"), 5), want: 9 },
    {
      when: "is above what a pod has when the ConfigMap is lost",
      facts: facts(undefined, 3, [{ generation: 6, hash: "x" }]),
      want: 7,
    },
    {
      when: "is above what a pod has when an older ConfigMap was restored",
      facts: facts(of(2), 3, [{ generation: 6, hash: "x" }]),
      want: 7,
    },
    {
      when: "is above a pod's when that has the same number with other content",
      facts: facts(of(2), 3, [{ generation: 2, hash: "x" }]),
      want: 3,
    },
    { when: "stays when pods have an older number", facts: facts(of(2), 3, [{ generation: 1, hash: "x" }]), want: 2 },
    { when: "stays when pods have this number", facts: facts(of(2), 3, [{ generation: 2, hash: hashOf(2) }]), want: 2 },
    { when: "ignores a ConfigMap that is not JSON", facts: facts("{", 3), want: 3 },
    { when: "ignores a ConfigMap that is null", facts: facts("null", 3), want: 3 },
    {
      when: "ignores an invalid number",
      facts: facts(of(2).replace('"generation":2', '"generation":"2"'), 3),
      want: 3,
    },
    {
      when: "ignores a number too large to grow",
      facts: facts(of(2).replace('"generation":2', '"generation":1e300'), 3),
      want: 3,
    },
    {
      when: "ignores a pod with an invalid answer",
      facts: facts(of(2), 3, [
        { generation: NaN, hash: "x" },
        { generation: -1, hash: "x" },
      ]),
      want: 2,
    },
    {
      when: "ignores a number of a pod that other gateways would refuse",
      facts: facts(of(2), 3, [{ generation: Number.MAX_SAFE_INTEGER, hash: "x" }]),
      want: 2,
    },
  ])("$when", ({ facts: given, want }) => {
    expect(inputsOf(given).liveGeneration).toBe(want);
  });
});

describe("replicas while an autoscaler is wanted", () => {
  const autoscaled = healthyFacts({
    cluster: clusterWith({ autoscaling: { type: "HPA", minReplicas: 3, maxReplicas: 9 } }),
  });
  const deployment =
    (replicas: number, subresource?: string) =>
    (child: KubeObject): KubeObject => ({
      ...child,
      metadata: {
        ...child.metadata,
        managedFields: [
          ...(child.metadata.managedFields ?? []),
          ...(subresource === undefined
            ? []
            : [{ manager: "vpa", subresource, fieldsV1: { "f:spec": { "f:replicas": {} } } }]),
        ],
      },
      spec: { replicas },
    });
  test.each([
    { when: "are the minimum for a new cluster", facts: emptyFacts({ cluster: autoscaled.cluster }), want: 3 },
    {
      when: "are the Deployment's until the autoscaler has written the field",
      facts: withChild(autoscaled, "Deployment", deployment(5)),
      want: 5,
    },
    {
      when: "are omitted once the autoscaler has written the field",
      facts: withChild(autoscaled, "Deployment", deployment(5, "scale")),
      want: undefined,
    },
    {
      when: "stay ours when another manager wrote only the status",
      facts: withChild(autoscaled, "Deployment", deployment(5, "status")),
      want: 5,
    },
    { when: "are omitted without an autoscaler, because the spec has them", facts: healthyFacts(), want: undefined },
  ])("$when", ({ facts, want }) => {
    expect(inputsOf(facts).replicasUntilHandedOver).toBe(want);
  });
});

describe("the hash that rolls the pods", () => {
  const external = clusterWith({ redis: { type: "External", external: { urlSecret: { name: "r" } } } });
  const secrets = (hash: string): Facts["secrets"] =>
    new Map([jwtSecret, ["apps/r", { state: "present", keys: new Map([["url", { bytes: 9, hash }]]) }]]);
  const hash = (facts: Partial<Facts>) => inputsOf(emptyFacts(facts)).secretsHash;

  test("changes with a value that the cluster names", () => {
    expect(hash({ cluster: external, secrets: secrets("a") })).not.toBe(
      hash({ cluster: external, secrets: secrets("b") }),
    );
  });

  test("stays when a certificate for Redis is renewed: gateways read it by themselves", () => {
    const tls = { clientSecret: { name: "client" } };
    const cluster = clusterWith({ redis: { type: "External", external: { urlSecret: { name: "r" }, tls } } });
    const renewed = (hash: string): Facts["secrets"] =>
      new Map([
        ...secrets("a"),
        [
          "apps/client",
          { state: "present", keys: new Map(["tls.crt", "tls.key"].map((key) => [key, { bytes: 9, hash }])) },
        ],
      ]);
    expect(hash({ cluster, secrets: renewed("old") })).toBe(hash({ cluster, secrets: renewed("new") }));
    expect(hash({ cluster, secrets: renewed("old") })).toBeDefined();
  });

  test("is absent while a Secret is missing, or pods would restart twice", () => {
    expect(hash({ cluster: external })).toBeUndefined();
  });

  test("is absent when the spec names no Secret", () => {
    expect(hash({ cluster: clusterWith({ auth: { type: "None" } }), secrets: new Map() })).toBeUndefined();
  });
});

test("takes neither password nor size from a former cluster of that name", () => {
  const former = (child: KubeObject): KubeObject => ({
    ...child,
    metadata: {
      ...child.metadata,
      ownerReferences: child.metadata.ownerReferences!.map((owner) => ({ ...owner, uid: "former" })),
    },
  });
  const facts = {
    ...healthyFacts(),
    drawn: { redisPassword: "new", adminToken: "new", publishToken: "new", handlerSecret: "new" },
  };
  expect(inputsOf({ ...facts, children: facts.children.map(former) })).toMatchObject({
    secrets: { redisPassword: "new", adminToken: "new", publishToken: "new", handlerSecret: "new" },
  });
  expect(inputsOf({ ...facts, children: facts.children.map(former) })).not.toHaveProperty("claimStorage");
  expect(inputsOf(facts)).toMatchObject({
    secrets: { redisPassword: "c0ffee", handlerSecret: "facade" },
    claimStorage: "1Gi",
  });
});

test("the claim template keeps the labels and annotations it was created with", () => {
  const { claimMetadata } = inputsOf({ ...healthyFacts(), cluster: clusterWith({ labels: { team: "web" } }) });
  expect(claimMetadata?.labels).not.toHaveProperty("team");
  expect(claimMetadata?.labels).toHaveProperty(["app.kubernetes.io/instance"], "chat");
});
