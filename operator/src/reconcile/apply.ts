import { type KubeObject, textOf } from "../api/kube-object.ts";
import { resourceOf, resources } from "../api/resources.ts";
import { ApiError } from "../kube/errors.ts";
import type { Kube } from "../kube/kube.ts";
import { logWrite, type WriteLogDeps } from "./changes/write-log.ts";
import { claimPatch } from "../manifests/redis/redis-volume-claims.ts";
import { setDeletionCosts } from "./gateways/deletion-costs.ts";
import type { Facts, ForeignObject, RefusedGrowth } from "./facts/facts.ts";
import { applyOverDrift, isOfImmutableField, isPermanentRefusal, type Removed } from "./drift/apply-over-drift.ts";
import { removalPatch } from "./drift/stale-metadata.ts";
import type { GatewayPods } from "../gateways/gateway-pods.ts";
import type { NamedObject } from "../watches/named-watches.ts";
import { mayTake, ownerText } from "./facts/ownership.ts";
import { type Plan, type Step } from "./plan.ts";
import type { Problem } from "./problems.ts";

/**
 * The result of an apply. `written` has the objects as the API server returned them. The watches report the same
 * objects later.
 */
export interface Applied {
  written: readonly KubeObject[];
  foreign: readonly (ForeignObject & { watched: NamedObject })[];
  refusedGrowth: ReadonlyMap<string, RefusedGrowth>;
  /** Foreign fields that the operator removed because the API server refused a manifest together with them. */
  removed: readonly Removed[];
  problem?: Problem;
  error?: Error;
}

export interface ApplyDeps extends WriteLogDeps {
  kube: Kube;
  gateways: GatewayPods;
  signal: AbortSignal;
}

/**
 * Runs the steps of the plan in order, and stops at the first one that fails. Writes nothing when an object that is not
 * ours has the name of one of the manifests.
 */
export async function apply(plan: Plan, facts: Facts, ports: ApplyDeps): Promise<Applied> {
  const written: KubeObject[] = [];
  const refusedGrowth = new Map(facts.refusedGrowth);
  const removed: Removed[] = [];
  let at = "reading existing objects";
  try {
    const foreign = await foreignObjects(plan, facts, ports);
    if (foreign.length > 0) return { written, foreign, refusedGrowth, removed };
    await setDeletionCosts(plan, facts, ports);
    for (const step of plan.steps) {
      const object = objectOf(step);
      at = `${step.type === "remove" ? "removing" : "applying"} ${textOf(object)}`;
      const answer = await take(step, removed, ports).catch((error: unknown) => refusalOf(error, step, facts));
      if ("reason" in answer) return { written, foreign, refusedGrowth, removed, problem: answer };
      if ("refused" in answer) refusedGrowth.set(object.metadata.uid ?? "", answer.refused);
      else {
        written.push(...answer);
        logWrite(step, answer[0], facts, ports);
      }
    }
    return { written, foreign, refusedGrowth, removed };
  } catch (error) {
    return {
      written,
      foreign: [],
      refusedGrowth,
      removed,
      error: new Error(`while ${at}: ${error instanceof Error ? error.message : String(error)}`, { cause: error }),
    };
  }
}

function objectOf(step: Step): KubeObject {
  if (step.type === "remove" || step.type === "strip") return step.child;
  return step.type === "grow" ? step.claim : step.manifest;
}

/**
 * Server-side apply would take over any object that has the name of a manifest. So first read the objects that no watch
 * has reported, to see whether they are ours.
 */
async function foreignObjects(
  { steps }: Plan,
  { cluster }: Facts,
  { kube, signal }: ApplyDeps,
): Promise<Applied["foreign"]> {
  const unseen = steps.flatMap((step) =>
    (step.type === "apply" || step.type === "create") && step.isNew ? [step.manifest] : [],
  );
  const found = await Promise.all(
    unseen.map(({ metadata, ...manifest }) =>
      kube.get(resourceOf(manifest as KubeObject), metadata.namespace, metadata.name, signal),
    ),
  );
  return found.flatMap((object) => {
    if (object === undefined || mayTake(object, cluster)) return [];
    const { kind, metadata } = object;
    return [
      {
        kind,
        name: metadata.name,
        owner: ownerText(object),
        watched: { resource: resourceOf(object), namespace: cluster.metadata.namespace, name: metadata.name },
      },
    ];
  });
}

async function take(step: Step, removed: Removed[], { kube, signal }: ApplyDeps): Promise<KubeObject[]> {
  switch (step.type) {
    case "apply": {
      const applied = await applyOverDrift(step, { kube, signal });
      removed.push(...applied.removed);
      return [applied.object];
    }
    case "create":
      return [await kube.create(resourceOf(step.manifest), step.manifest, signal)];
    case "remove":
      await kube.remove(resourceOf(step.child), step.child, {}, signal);
      return [];
    case "strip": {
      const { namespace, name } = step.child.metadata;
      const patch = removalPatch(step.child, step.stale);
      return [await kube.mergePatch(resourceOf(step.child), { namespace, name }, patch, signal)];
    }
    case "grow":
      return [
        await kube.mergePatch(
          resources.persistentVolumeClaims,
          { namespace: step.claim.metadata.namespace, name: step.claim.metadata.name },
          claimPatch(step.storage),
          signal,
        ),
      ];
  }
}

/**
 * Returns the problem if a retry would fail too. Otherwise throws the error again, so that the pass is retried, for
 * example after a refusal by a quota, a role or an admission webhook. Users may change these.
 */
function refusalOf(error: unknown, step: Step, { cluster, nowMs }: Facts): Problem | { refused: RefusedGrowth } {
  if (!(error instanceof ApiError)) throw error;
  // The StorageClass does not allow claims to grow. This is no failure of the pass: Redis keeps its size, and a warning
  // says so.
  if (step.type === "grow" && (error.status === 403 || error.status === 422))
    return { refused: { storage: step.storage, message: error.message, atMs: nowMs } };
  if (!isPermanentRefusal(error)) throw error;
  const object = objectOf(step);
  if (isOfImmutableField(error)) {
    return {
      reason: "ImmutableField",
      message: `${textOf(object)} was created by another program with another value in a field that cannot be changed (${error.message}): delete it (kubectl delete ${object.kind.toLowerCase()} ${object.metadata.name}${object.kind === "StatefulSet" ? " --cascade=orphan keeps its pods and volumes" : ""}), and the operator creates it again`,
    };
  }
  const patch = patchPathOf(object, cluster);
  if (patch !== undefined) {
    return {
      reason: "InvalidPodPatch",
      message: `${patch} results in a pod template that the API server refuses: ${error.message}`,
    };
  }
  return { reason: "Refused", message: `${textOf(object)} is refused by the API server: ${error.message}` };
}

/** The spec field that holds the user's patch for this workload's pods. Undefined when the spec has no patch. */
function patchPathOf({ kind }: KubeObject, { spec }: Facts["cluster"]): string | undefined {
  if (kind === "Deployment" && spec.podPatch !== undefined) return "spec.podPatch";
  return kind === "StatefulSet" && spec.redis.managed?.podPatch !== undefined
    ? "spec.redis.managed.podPatch"
    : undefined;
}
