// Makes facts for tests: a healthy cluster of two gateways behind an Ingress, and functions that change these facts.
import type { KubeObject } from "../../src/api/kube-object.ts";
import { apiVersion, kind, type RealtimeCluster, type Status } from "../../src/api/realtime-cluster.ts";
import { withDefaults } from "../../src/api/with-defaults.ts";
import { labelsOf, type Component } from "../../src/manifests/shared/labels.ts";
import { liveConfig, liveConfigHash } from "../../src/manifests/shared/live-config.ts";
import { desired } from "../../src/reconcile/desired.ts";
import type { Facts } from "../../src/reconcile/facts/facts.ts";
import type { Findings } from "../../src/reconcile/findings.ts";
import { stamped } from "../../src/reconcile/drift/in-sync.ts";
import { inputsOf } from "../../src/reconcile/inputs-of.ts";
import { usualImages, usualInputs } from "../manifests/golden-case.ts";
import { templateVersions } from "../../src/manifests/shared/pod-release.ts";

export const uid = "00000000-0000-4000-8000-000000000001";
export const nowMs = Date.UTC(2026, 10, 25, 12);

export function clusterWith(spec: object = {}, metadata: object = {}, status?: Status): RealtimeCluster {
  return withDefaults({
    apiVersion,
    kind,
    metadata: { name: "chat", namespace: "apps", uid, generation: 1, resourceVersion: "10", ...metadata },
    spec: {
      replicas: 2,
      auth: { jwt: { secret: { name: "chat-jwt" } } },
      exposure: { type: "Ingress", host: "chat.example.com" },
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  } as unknown as RealtimeCluster);
}

export function podWith(
  name: string,
  change: { component?: Component; isReady?: boolean; metadata?: object; status?: object } = {},
): KubeObject {
  const { component = "server", isReady = true, metadata = {}, status = {} } = change;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "apps",
      uid: `uid-${name}`,
      resourceVersion: "5",
      labels: labelsOf(clusterWith(), component),
      ...metadata,
    },
    status: {
      phase: "Running",
      podIP: "10.0.0.9",
      conditions: [{ type: "Ready", status: isReady ? "True" : "False" }],
      containerStatuses: [{ name: "gateway", restartCount: 0, state: {} }],
      ...status,
    },
  };
}

export const jwtSecret: [string, Facts["secrets"] extends ReadonlyMap<string, infer S> ? S : never] = [
  "apps/chat-jwt",
  { state: "present", keys: new Map([["secret", { bytes: 32, hash: "a".repeat(64) }]]) },
];

/** The facts of a new cluster, before the operator has created an object. */
export function emptyFacts(change: Partial<Facts> = {}): Facts {
  return {
    cluster: clusterWith(),
    children: [],
    pods: [],
    claims: [],
    secrets: new Map([jwtSecret]),
    foreign: [],
    sharingHost: [],
    refusedGrowth: new Map(),
    knownValues: new Map(),
    answers: new Map(),
    installed: usualInputs.installed,
    routeRuleFields: usualInputs.routeRuleFields,
    drawn: usualInputs.secrets,
    release: { images: usualImages, upgrade: "Manual", operatorNamespace: usualInputs.operatorNamespace },
    nowMs,
    ...change,
  };
}

/**
 * The facts of a cluster whose objects all exist, and whose pods are all running and have answered. `deployment`
 * overrides parts of the Deployment's status.
 */
export function healthyFacts(change: Partial<Facts> & { deployment?: object } = {}): Facts {
  const { deployment = {}, ...facts } = change;
  const before = emptyFacts({ ...facts, answers: new Map() });
  const pods = [podWith("chat-server-1"), podWith("chat-server-2"), podWith("chat-redis-0", { component: "redis" })];
  const children = desired(before.cluster, inputsOf(before)).map((manifest) =>
    storedChild(stamped(manifest), deployment),
  );
  const withChildren = { ...before, children, pods, ...facts };
  const config = liveConfig(before.cluster, inputsOf(withChildren).liveGeneration, templateVersions.gateway.newest);
  const hash = liveConfigHash(config);
  const answers = new Map(
    pods.map(({ metadata }) => [
      metadata.uid ?? "",
      { askedAtMs: nowMs, askedFor: hash, hash, generation: config.generation, connections: 100, isDraining: false },
    ]),
  );
  return { ...withChildren, answers, ...facts };
}

/**
 * An object as an API server would return it after the operator has applied it, with the operator as manager of all
 * fields.
 */
function storedChild(manifest: KubeObject, deployment: object): KubeObject {
  const managedFields = [{ manager: "realtime-operator", operation: "Apply" as const, fieldsV1: {} }];
  const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, ...deployment };
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      uid: `uid-${manifest.kind}-${manifest.metadata.name}`,
      resourceVersion: "7",
      generation: 1,
      managedFields,
    },
    ...(manifest.kind === "Deployment" ? { status } : {}),
    ...(manifest.kind === "StatefulSet"
      ? { status: { observedGeneration: 1, updatedReplicas: (manifest["spec"] as { replicas: number }).replicas } }
      : {}),
  };
}

/** The findings of a pass. Unless a test changes them, there are no problems. */
export function findingsOf(facts: Facts, change: Partial<Findings> = {}): Findings {
  return {
    facts,
    waiting: [],
    liveHash: liveConfigHash(
      liveConfig(facts.cluster, inputsOf(facts).liveGeneration, templateVersions.gateway.newest),
    ),
    ...change,
  };
}

/** The facts with one child replaced. If `next` is undefined, the child is removed. */
export function withChild(
  facts: Facts,
  childKind: string,
  next: ((child: KubeObject) => KubeObject) | undefined,
  name?: string,
): Facts {
  const isIt = (child: KubeObject) => child.kind === childKind && (name === undefined || child.metadata.name === name);
  if (!facts.children.some(isIt)) throw new Error(`there is no ${childKind} ${name ?? ""}`);
  return {
    ...facts,
    children: facts.children.flatMap((child) => (isIt(child) ? (next === undefined ? [] : [next(child)]) : [child])),
  };
}
