// What admission policies usually ask of workloads and of all objects: the restricted Pod Security standard, and the
// sets "best-practices" and "pod-security" of Kyverno and Gatekeeper. Checked for the objects of all golden cases.
import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { desired } from "../../src/reconcile/desired.ts";
import { goldenCases } from "./golden-case.ts";

interface Container {
  name: string;
  image: string;
  resources: Record<"requests" | "limits", Record<string, string>>;
  securityContext: {
    allowPrivilegeEscalation: boolean;
    readOnlyRootFilesystem: boolean;
    privileged?: boolean;
    capabilities: object;
  };
  ports: { hostPort?: number }[];
  livenessProbe?: object;
  readinessProbe?: object;
  startupProbe?: object;
}

interface PodSpec {
  automountServiceAccountToken: boolean;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  securityContext: {
    runAsNonRoot: boolean;
    runAsUser: number;
    runAsGroup: number;
    fsGroup: number;
    seccompProfile: object;
  };
  topologySpreadConstraints: object[];
  containers: Container[];
  initContainers?: Container[];
  volumes: Record<string, unknown>[];
}

interface Template {
  metadata: Required<Pick<KubeObject["metadata"], "labels" | "annotations">>;
  spec: PodSpec;
}

const ours = ["gateway", "redis"];
const workloads = goldenCases.flatMap(({ name, manifests }) =>
  manifests
    .filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet")
    .map((workload) => ({
      at: `${name}: ${workload.kind} ${workload.metadata.name}`,
      pod: (workload["spec"] as { template: Template }).template.spec,
      workload,
      manifests,
    })),
);
const objects = goldenCases.flatMap(({ name, manifests }) =>
  manifests.map((object) => ({ at: `${name}: ${object.kind} ${object.metadata.name}`, object })),
);

/** The containers that the operator adds. A pod patch of the user can add others. */
function containersOf({ containers, initContainers = [] }: PodSpec): Container[] {
  return [...initContainers, ...containers].filter(({ name }) => ours.includes(name));
}

/** Every workload, with what the rule finds in it. */
function inPods(find: (pod: PodSpec) => unknown): unknown[] {
  return workloads.map(({ at, pod }) => [at, find(pod)]);
}

function inContainers(find: (container: Container) => unknown): unknown[] {
  return inPods((pod) => containersOf(pod).map(find));
}

/** The same for every workload, each with one container. */
function always(value: unknown): unknown[] {
  return inContainers(() => value);
}

describe("every container", () => {
  test("requests CPU and memory, and has a memory limit", () => {
    const found = inContainers(({ resources: { requests, limits } }) => [
      requests["cpu"] !== undefined && requests["memory"] !== undefined,
      limits["memory"] !== undefined,
    ]);
    expect(found).toEqual(always([true, true]));
  });

  test("has probes, and its liveness probe is not its readiness probe", () => {
    const found = inContainers(({ livenessProbe, readinessProbe, startupProbe }) => [
      livenessProbe !== undefined && readinessProbe !== undefined && startupProbe !== undefined,
      JSON.stringify(livenessProbe) !== JSON.stringify(readinessProbe),
    ]);
    expect(found).toEqual(always([true, true]));
  });

  test("has an image with a tag that is not latest", () => {
    expect(inContainers(({ image }) => /[:@](?!latest$)[^/]+$/.test(image))).toEqual(always(true));
  });

  test("cannot gain privileges or write to its root file system, and opens no port of the node", () => {
    const found = inContainers(({ securityContext, ports }) => [
      securityContext,
      ports.some(({ hostPort }) => hostPort !== undefined),
    ]);
    const restricted = {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    };
    expect(found).toEqual(always([restricted, false]));
  });
});

describe("every pod", () => {
  test("runs as a user that is not root, with the default seccomp profile, and outside the node's namespaces", () => {
    const found = inPods(({ securityContext, hostNetwork, hostPID, hostIPC }) => [
      securityContext.runAsNonRoot,
      [securityContext.runAsUser, securityContext.runAsGroup, securityContext.fsGroup].includes(0),
      securityContext.seccompProfile,
      hostNetwork ?? hostPID ?? hostIPC,
    ]);
    expect(found).toEqual(inPods(() => [true, false, { type: "RuntimeDefault" }, undefined]));
  });

  test("gets no token of a ServiceAccount", () => {
    expect(inPods(({ automountServiceAccountToken }) => automountServiceAccountToken)).toEqual(inPods(() => false));
  });

  test("has only volumes that the standard allows, and each emptyDir has a size limit", () => {
    const allowed = ["configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"];
    const found = inPods(({ volumes }) =>
      volumes.filter((volume) => {
        const isAllowed = Object.keys(volume).every((key) => key === "name" || allowed.includes(key));
        const { emptyDir } = volume as { emptyDir?: { sizeLimit?: string } };
        return !isAllowed || (emptyDir !== undefined && emptyDir.sizeLimit === undefined);
      }),
    );
    expect(found).toEqual(inPods(() => []));
  });

  test("is spread over nodes", () => {
    expect(inPods(({ topologySpreadConstraints }) => topologySpreadConstraints.length > 0)).toEqual(inPods(() => true));
  });
});

test("a PodDisruptionBudget that allows evictions selects the pods of every workload that can have several", () => {
  const wanted = workloads.filter(
    ({ workload: { kind, spec } }) =>
      kind === "Deployment" || ((spec as { replicas: number } | undefined)?.replicas ?? 1) > 1,
  );
  const uncovered = wanted.filter(({ workload, manifests }) => {
    const { selector } = workload["spec"] as { selector: object };
    return !manifests.some(({ kind, spec }) => {
      const budget = (spec ?? {}) as { selector?: object; maxUnavailable?: number };
      const isSame = JSON.stringify(budget.selector) === JSON.stringify(selector);
      return kind === "PodDisruptionBudget" && isSame && budget.maxUnavailable === 1;
    });
  });
  expect(wanted.length).toBeGreaterThan(goldenCases.length);
  expect(uncovered.map(({ at }) => at)).toEqual([]);
});

test("every object has the recommended labels, and an owner that controls it", () => {
  const recommended = ["name", "instance", "component", "part-of", "managed-by"];
  const lacking = objects.filter(({ object: { metadata } }) => {
    const owners = metadata.ownerReferences ?? [];
    const hasLabels = recommended.every((label) => (metadata.labels[`app.kubernetes.io/${label}`] ?? "") !== "");
    return !hasLabels || owners.length !== 1 || owners[0]?.controller !== true;
  });
  expect(lacking.map(({ at }) => at)).toEqual([]);
});

describe("labels that a policy requires", () => {
  const labels = { "example.com/cost-center": "42", "app.kubernetes.io/version": "1.2.3" };
  const annotations = { "example.com/owner": "web@example.com" };
  const labelled = goldenCases.flatMap(({ name, cluster, inputs }) =>
    desired({ ...cluster, spec: { ...cluster.spec, labels, annotations } }, inputs).map((object) => ({
      at: `${name}: ${object.kind} ${object.metadata.name}`,
      object,
    })),
  );

  test("are on every object when the spec has them", () => {
    for (const { at, object } of labelled) expect([at, object.metadata]).toMatchObject([at, { labels, annotations }]);
  });

  test("are on every pod template and claim template when the spec has them", () => {
    for (const { at, object } of labelled) {
      const { template, volumeClaimTemplates } = (object["spec"] ?? {}) as Record<string, Template | Template[]>;
      if (template !== undefined && "metadata" in template)
        expect([at, template.metadata]).toMatchObject([at, { labels, annotations }]);
      for (const claim of (volumeClaimTemplates ?? []) as Template[])
        expect([at, claim.metadata]).toMatchObject([at, { labels, annotations }]);
    }
  });
});

test("no label of the cluster's metadata is copied, not even the label by which Argo CD tracks objects", () => {
  const tracking = { "app.kubernetes.io/instance": "argo-application", "argocd.argoproj.io/instance": "argo" };
  for (const { cluster, inputs, manifests } of goldenCases) {
    const metadata = { ...cluster.metadata, labels: tracking, annotations: tracking };
    expect(desired({ ...cluster, metadata }, inputs)).toEqual(
      desired({ ...cluster, metadata: { ...metadata, labels: {}, annotations: {} } }, inputs),
    );
    expect(manifests.length).toBeGreaterThan(0);
  }
});
