import { expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { goldenCases } from "./golden-case.ts";

// Label values and DNS labels have at most 63 characters (RFC 1123; Kubernetes, "Labels and Selectors").
const dnsLabel = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
// What Kubernetes' controllers append to names: a hash to names of ReplicaSet pods, an ordinal to names of StatefulSet
// pods, and a revision in a label of these pods.
const appended: Partial<Record<string, string>> = { Deployment: "-7d9c5b8f6d", StatefulSet: "-7d9c5b8f6d" };

test.each(goldenCases)(
  "$name: every name, label and selector is within its bounds, and names are unique",
  ({ manifests, cluster }) => {
    for (const { kind, metadata } of manifests) {
      expect(`${metadata.name}${appended[kind] ?? ""}`).toMatch(dnsLabel);
      expect(metadata.namespace).toBe(cluster.metadata.namespace);
    }
    expect(new Set(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size).toBe(manifests.length);
    for (const value of manifests.flatMap(labelValues)) expect(value).toMatch(labelValue);
  },
);

test.each(goldenCases)("$name: no label or annotation of the user reaches a child", ({ cluster, manifests }) => {
  const own = Object.keys({ ...cluster.metadata.labels, ...cluster.metadata.annotations });
  for (const { metadata } of manifests) {
    for (const name of own) expect({ ...metadata.labels, ...metadata.annotations }).not.toHaveProperty([name]);
  }
});

test.each(goldenCases)(
  "$name: pods have the labels that selectors, Services, policies and watches use",
  ({ manifests }) => {
    const podLabels = Object.fromEntries(
      manifests.flatMap(({ kind, spec, metadata }) => {
        const template = (spec as { template?: { metadata?: { labels?: object } } } | undefined)?.template;
        // The label that the controller of a StatefulSet adds to its first pod.
        const ordinal = kind === "StatefulSet" ? { "statefulset.kubernetes.io/pod-name": `${metadata.name}-0` } : {};
        return template === undefined
          ? []
          : [[metadata.labels["app.kubernetes.io/component"] ?? "", { ...template.metadata?.labels, ...ordinal }]];
      }),
    ) as Record<string, object>;
    for (const labels of Object.values(podLabels))
      expect(labels).toMatchObject({ "app.kubernetes.io/managed-by": "realtime-operator" });
    for (const manifest of manifests) {
      const labels = podLabels[manifest.metadata.labels["app.kubernetes.io/component"] ?? ""];
      for (const selector of selectorsOf(manifest)) expect(labels).toMatchObject(selector);
    }
  },
);

function selectorsOf({ kind, spec }: KubeObject): object[] {
  const { selector, podSelector } = (spec ?? {}) as {
    selector?: { matchLabels?: object };
    podSelector?: { matchLabels?: object };
  };
  if (kind === "Service") return [selector ?? {}];
  // The selector of a ServiceMonitor selects Services, not pods.
  return kind === "ServiceMonitor"
    ? []
    : [selector?.matchLabels, podSelector?.matchLabels].filter((found) => found !== undefined);
}

function labelValues(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(labelValues);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    name === "labels" || name === "matchLabels" ? Object.values(part as Record<string, string>) : labelValues(part),
  );
}
