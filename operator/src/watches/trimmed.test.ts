import { expect, test } from "@jest/globals";
import type { KubeObject } from "../api/kube-object.ts";
import { Interner } from "./interner.ts";
import { stableHash } from "../manifests/shared/stable-hash.ts";
import { trimmedChild } from "./trimmed-child.ts";
import { trimmedNamed } from "./trimmed-named.ts";
import { unschedulableReasonOf, podFailureOf } from "../reconcile/facts/pod-failure.ts";
import { isReady } from "../reconcile/facts/pods.ts";
import { trimmedPod } from "./trimmed-pod.ts";

const secret: KubeObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: {
    name: "jwt",
    namespace: "apps",
    uid: "u",
    resourceVersion: "1",
    managedFields: [{}],
    annotations: { "kubectl.kubernetes.io/last-applied-configuration": "c2VjcmV0" },
  },
  data: { secret: Buffer.from("hidden").toString("base64") },
};

test("keeps nothing of a user's Secret that reveals a value", () => {
  const kept = trimmedNamed(secret);
  expect(JSON.stringify(kept)).not.toMatch(/hidden|aGlkZGVu|c2VjcmV0/);
  expect(kept["keys"]).toEqual({
    secret: {
      bytes: 6,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      weakness: "has 6 bytes, and at least 32 are needed",
    },
  });
});

test.each([
  { when: "has no data", change: { data: undefined } },
  { when: "has data that is null", change: { data: null } },
  { when: "has data that is empty", change: { data: {} } },
])("a Secret that $when has no keys", ({ change }) => {
  expect(trimmedNamed({ ...secret, ...change })["keys"]).toEqual({});
});

test("keeps the owner and labels of a foreign object with a child's name", () => {
  const ownerReferences = [{ apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "w", controller: true }];
  const service: KubeObject = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "s", namespace: "apps", uid: "u", resourceVersion: "1", labels: { a: "b" }, ownerReferences },
    spec: { selector: {} },
  };
  expect(trimmedNamed(service)).toEqual({ apiVersion: "v1", kind: "Service", metadata: service.metadata });
});

test("keeps only the operator and autoscalers of a child's field managers", () => {
  const ours = { manager: "realtime-operator", operation: "Apply" as const, fieldsV1: { "f:spec": {} } };
  const managedFields = [
    ours,
    { ...ours, subresource: "status" },
    { ...ours, operation: "Update" as const },
    {
      manager: "hpa",
      operation: "Update" as const,
      subresource: "scale",
      fieldsV1: { "f:spec": { "f:replicas": {} } },
    },
    { manager: "controller", operation: "Update" as const, subresource: "status", fieldsV1: { "f:status": {} } },
  ];
  const child = trimmedChild(
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d", managedFields },
      spec: { replicas: 2, template: { spec: {} } },
      status: { replicas: 2 },
    },
    new Interner(),
  );
  expect(child.metadata.managedFields?.map(({ manager }) => manager)).toEqual(["realtime-operator", "hpa"]);
  expect(child).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 2 } });
  expect(child["spec"]).not.toHaveProperty("template");
});

test("keeps the time at which a controller wrote the status of an Ingress", () => {
  const entry = {
    manager: "traefik",
    operation: "Update" as const,
    subresource: "status",
    time: "2026-11-25T12:00:00Z",
  };
  const managedFields = [{ ...entry, fieldsV1: { "f:status": { "f:loadBalancer": {} } } }];
  const ingress = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "i", managedFields } };
  expect(trimmedChild(ingress, new Interner()).metadata.managedFields).toEqual([{ ...entry, fieldsV1: {} }]);
});

test("keeps only the images and a hash of a pod template", () => {
  const template = {
    metadata: { labels: {} },
    spec: { containers: [{ name: "gateway", image: "gateway:1", env: [] }], volumes: [] },
  };
  const child = trimmedChild(
    { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" }, spec: { template } },
    new Interner(),
  );
  expect(child["spec"]).toEqual({
    templateHash: stableHash(template),
    template: { spec: { containers: [{ name: "gateway", image: "gateway:1" }] } },
  });
});

test("accepts a pod with an empty status", () => {
  expect(
    trimmedPod({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "apps", uid: "u", resourceVersion: "1" },
    }),
  ).toEqual({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "apps", uid: "u", resourceVersion: "1" },
    status: {},
  });
});

test("treats null as absent when a list is expected", () => {
  const metadata = {
    name: "d",
    namespace: "apps",
    uid: "u",
    resourceVersion: "1",
    managedFields: null,
    labels: null,
  } as unknown as KubeObject["metadata"];
  const deployment = trimmedChild(
    { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template: { spec: { containers: null } } } },
    new Interner(),
  );
  expect(deployment).toMatchObject({ metadata: { managedFields: [] }, spec: {} });
  const pod = trimmedPod({
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    status: { conditions: null, containerStatuses: null, initContainerStatuses: null },
  });
  expect([isReady(pod), podFailureOf(pod), unschedulableReasonOf(pod)]).toEqual([false, undefined, undefined]);
});
