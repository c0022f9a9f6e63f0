import type { KubeObject } from "../api/kube-object.ts";
import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resourceOf } from "../api/resources.ts";
import type { Manifest } from "../manifests/shared/child.ts";
import { claimManifest, isSmaller, wantedStorage } from "../manifests/redis/redis-volume-claims.ts";
import { isInstalled } from "../watches/optional-kinds.ts";
import { isRouteAccepted } from "./facts/route.ts";
import { isComplete, rolloutOf } from "./facts/rollout.ts";
import type { DriftedApply } from "./drift/apply-over-drift.ts";
import { foreignItems } from "./drift/foreign-fields.ts";
import { inSync, stamped, wasApplied } from "./drift/in-sync.ts";
import { areOwnValuesChanged } from "./drift/own-values.ts";
import { staleMetadataOf, type StaleMetadata } from "./drift/stale-metadata.ts";
import type { Facts } from "./facts/facts.ts";
import { isOurs } from "./facts/ownership.ts";
import { isTerminating, podsOf } from "./facts/pods.ts";

/** One write of a plan. Applies and creates have the order of desired.ts. */
export type Step =
  /**
   * `isNew`: no watch has reported an object with this kind and name. apply.ts first checks whether an object of
   * another owner has the name.
   */
  | ({ type: "apply"; isNew: boolean } & DriftedApply)
  /** Creates the object and fails if it exists, because its random values must not replace existing ones. */
  | { type: "create"; manifest: Manifest; isNew: true }
  | { type: "remove"; child: KubeObject }
  /**
   * Removes labels and annotations that an earlier spec has added. The next pass applies the object with the present
   * labels and annotations, and with an annotation that lists them.
   */
  | { type: "strip"; child: KubeObject; stale: StaleMetadata }
  /** Enlarges a volume claim of Redis. */
  | { type: "grow"; claim: KubeObject; storage: string };

type PlannedFacts = Pick<
  Facts,
  "answers" | "children" | "cluster" | "claims" | "installed" | "knownValues" | "pods" | "refusedGrowth" | "nowMs"
>;

export interface Plan {
  steps: readonly Step[];
  /** Manifests that wait because their kind is not installed. */
  waiting: readonly Manifest[];
  /** Removals of objects that are still in use. A later pass runs them. */
  later: readonly Step[];
}

/**
 * Objects of these kinds are deleted when the cluster no longer wants them. Never add Secrets or volume claims, because
 * users would lose data.
 */
const removable: ReadonlySet<string> = new Set([
  "ConfigMap",
  "Deployment",
  "HTTPRoute",
  "HorizontalPodAutoscaler",
  "Ingress",
  "NetworkPolicy",
  "PodDisruptionBudget",
  "PrometheusRule",
  "ScaledObject",
  "Service",
  "ServiceAccount",
  "ServiceMonitor",
  "StatefulSet",
]);
/**
 * Autoscalers are removed before all other writes. Otherwise an autoscaler could write `replicas` after the operator
 * has applied them. Other objects are removed last.
 */
const goesFirst: ReadonlySet<string> = new Set(["HorizontalPodAutoscaler", "ScaledObject"]);

/** The writes that make the children match the manifests. Empty when nothing differs. */
export function plan(manifests: readonly Manifest[], facts: PlannedFacts): Plan {
  const children = new Map(facts.children.map((child) => [identityOf(child), child]));
  const waiting = manifests.filter((manifest) => !isInstalled(resourceOf(manifest), facts));
  const wanted = manifests.filter((manifest) => !waiting.includes(manifest));
  const writes = wanted.flatMap((manifest) => stepOf(manifest, children.get(identityOf(manifest)), facts));
  const kept = new Set(wanted.map(identityOf));
  const removals = facts.children
    .filter(
      (child) =>
        removable.has(child.kind) &&
        isOurs(child, facts.cluster) &&
        child.metadata.deletionTimestamp === undefined &&
        !kept.has(identityOf(child)),
    )
    .map((child): Step => ({ type: "remove", child }));
  const first = removals.filter((step) => step.type === "remove" && goesFirst.has(step.child.kind));
  const [isRedisKept, isIngressKept] = [isRedisInUse(facts, writes), isRouteAwaited(facts)];
  const later = removals.filter(
    (step) =>
      step.type === "remove" &&
      ((isRedisKept && isOfRedis(step.child)) || (isIngressKept && step.child.kind === "Ingress")),
  );
  return {
    steps: [
      ...first,
      ...writes,
      ...claimLabels(facts),
      ...growth(facts),
      ...removals.filter((step) => !first.includes(step) && !later.includes(step)),
    ],
    waiting,
    later,
  };
}

/**
 * Whether gateways still use a managed Redis that the spec no longer has. This Redis must stay, with its volume, until
 * no gateway uses it. If the new Redis cannot be reached, the rollout stops at its first pod, and all other gateways
 * need the old Redis.
 */
function isRedisInUse(facts: PlannedFacts, writes: readonly Step[]): boolean {
  if (facts.cluster.spec.redis.type === "Managed") return false;
  const rollout = rolloutOf(facts);
  const isWritten = writes.some((step) => step.type === "apply" && step.manifest.kind === "Deployment");
  return isWritten || rollout === undefined || !isComplete(rollout) || podsOf(facts.pods, "server").some(isTerminating);
}

/**
 * Whether the old Ingress must stay because the HTTPRoute does not work yet: its kind is not installed, or no Gateway
 * has accepted the route.
 */
function isRouteAwaited(facts: Pick<Facts, "children" | "cluster">): boolean {
  return facts.cluster.spec.exposure.type === "Gateway" && !isRouteAccepted(facts);
}

function isOfRedis({ metadata }: KubeObject): boolean {
  return metadata.labels?.["app.kubernetes.io/component"] === "redis";
}

/**
 * Applies the spec's labels and annotations to existing claims. The claim template cannot do this, because it is
 * immutable and is used only for new claims.
 */
function claimLabels({ cluster, claims }: Pick<Facts, "cluster" | "claims">): Step[] {
  return claims
    .filter((claim) => claim.metadata.deletionTimestamp === undefined)
    .map((claim) => ({ claim, manifest: claimManifest(cluster, claim.metadata.name) }))
    .flatMap(({ claim, manifest }): Step[] => {
      const stale = staleMetadataOf(claim, manifest);
      if (stale !== undefined) return [{ type: "strip", child: claim, stale }];
      if (inSync(claim, manifest)) return [];
      return [{ type: "apply", manifest: onlyThis(stamped(manifest), claim), isNew: false }];
    });
}

/**
 * Adds the object's uid to the manifest as a precondition. If the object was deleted or replaced, the API server
 * refuses the write, and does not create a new object.
 */
function onlyThis(manifest: Manifest, { metadata: { uid } }: KubeObject): Manifest {
  return uid === undefined ? manifest : { ...manifest, metadata: { ...manifest.metadata, uid } };
}

/**
 * When the API server refuses to enlarge a claim, the operator tries again after this time. No watch shows when the
 * StorageClass begins to allow it.
 */
const ASK_AGAIN_AFTER_MS = 10 * 60_000;

/**
 * The steps that enlarge claims. A claim can be enlarged only after it is bound to a volume. When it is bound, a later
 * pass enlarges it.
 */
function growth({
  cluster,
  claims,
  refusedGrowth,
  nowMs,
}: Pick<Facts, "cluster" | "claims" | "refusedGrowth" | "nowMs">): Step[] {
  const storage = wantedStorage(cluster);
  if (storage === undefined) return [];
  const isRefused = ({ metadata }: KubeObject) => {
    const refused = refusedGrowth.get(metadata.uid ?? "");
    return refused?.storage === storage && nowMs < refused.atMs + ASK_AGAIN_AFTER_MS;
  };
  return claims
    .filter((claim) => isBound(claim) && isSmaller(claim, storage) && !isRefused(claim))
    .map((claim) => ({ type: "grow", claim, storage }));
}

function isBound(claim: KubeObject): boolean {
  return (claim["status"] as { phase?: string } | undefined)?.phase === "Bound";
}

function stepOf(
  manifest: Manifest,
  child: KubeObject | undefined,
  { cluster, knownValues }: Pick<Facts, "cluster" | "knownValues">,
): Step[] {
  // An object that is being deleted cannot be applied. When it is gone, a watch reports this, and the next pass creates
  // it again.
  if (child?.metadata.deletionTimestamp !== undefined) return [];
  if (manifest.kind === "Secret") return secretStepOf(manifest, child, cluster);
  if (child !== undefined && inSync(child, manifest) && !areOwnValuesChanged(child, knownValues)) return [];
  return [
    {
      type: "apply",
      manifest: stamped(manifest),
      isNew: child === undefined,
      ...(child !== undefined && foreignItems(child, manifest).length > 0 ? { hasForeignItems: true } : {}),
      ...(wasApplied(child, manifest) ? { wasApplied: true } : {}),
    },
  ];
}

/**
 * The step for a Secret, if one is needed. Random values are written only once. If the Secret exists, a step adds only
 * missing keys, labels and annotations.
 */
function secretStepOf(manifest: Manifest, child: KubeObject | undefined, cluster: RealtimeCluster): Step[] {
  if (child === undefined) return [{ type: "create", manifest: stamped(manifest), isNew: true }];
  const stale = staleMetadataOf(child, manifest);
  if (isOurs(child, cluster) && stale !== undefined) return [{ type: "strip", child, stale }];
  if (isOurs(child, cluster) && holdsEveryKey(child, manifest) && hasMetadata(child, manifest)) return [];
  return [{ type: "apply", manifest: atVersion(stamped(manifest), child), isNew: false }];
}

function holdsEveryKey(child: KubeObject, manifest: Manifest): boolean {
  const held = (child["data"] ?? {}) as Record<string, unknown>;
  return Object.keys(manifest["data"] ?? {}).every((key) => typeof held[key] === "string" && held[key] !== "");
}

function hasMetadata(child: KubeObject, { metadata }: Manifest): boolean {
  const holds = (wanted: Record<string, string> = {}, has: Record<string, string> = {}): boolean =>
    Object.entries(wanted).every(([key, value]) => has[key] === value);
  return holds(metadata.labels, child.metadata.labels) && holds(metadata.annotations, child.metadata.annotations);
}

/**
 * Adds the object's resourceVersion to the manifest as a precondition. If a user has changed the Secret in the
 * meantime, for example its password, the API server refuses the write, so the change is not lost.
 */
function atVersion(manifest: Manifest, { metadata: { resourceVersion } }: KubeObject): Manifest {
  if (resourceVersion === undefined) return manifest;
  return { ...manifest, metadata: { ...manifest.metadata, resourceVersion } };
}

function identityOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${apiVersion} ${kind} ${metadata.name}`;
}
