// Runs one pass for one cluster: observe, check, compute the manifests, plan, apply, report.
import type { KubeObject } from "../api/kube-object.ts";
import { done, gone, type Outcome } from "../engine/outcome.ts";
import type { Manifest } from "../manifests/shared/child.ts";
import type { Inputs } from "../manifests/shared/inputs.ts";
import { liveConfig, liveConfigHash } from "../manifests/shared/live-config.ts";
import { namesOf } from "../manifests/shared/names.ts";
import { ApiError } from "../kube/errors.ts";
import { apply, type Applied, type ApplyDeps } from "./apply.ts";
import { specEditOf, type SpecEdit } from "./changes/spec-edit.ts";
import { check } from "./checks.ts";
import { knownValuesAfter } from "./drift/own-values.ts";
import { afterWrites, paced } from "./drift/write-backoff.ts";
import { desired } from "./desired.ts";
import type { Facts } from "./facts/facts.ts";
import type { Findings } from "./findings.ts";
import { inputsOf } from "./inputs-of.ts";
import type { Remembered } from "./memory.ts";
import { observe, type ObserveDeps } from "./observe.ts";
import { isOfEndingNamespace, outcomeOf } from "./outcome-of.ts";
import { plan, type Plan, type Step } from "./plan.ts";
import { graceLeftMs } from "./facts/pod-failure.ts";
import { rebalance } from "./gateways/rebalance.ts";
import { isOfSecret, type Problem } from "./problems.ts";
import { report, type ReportDeps } from "./report.ts";
import { pushLiveConfig } from "./gateways/push-live-config.ts";

export type ReconcileDeps = Omit<ObserveDeps & ApplyDeps & ReportDeps, "signal" | "edit">;

/** Runs one pass, which brings the cluster closer to its spec. With the same facts, a pass always does the same. */
export async function reconcile(key: string, ports: ReconcileDeps, signal: AbortSignal): Promise<Outcome> {
  const facts = observe(key, ports);
  if (facts === undefined || facts.cluster.metadata.deletionTimestamp !== undefined) return forget(key, ports);
  const remembered = ports.memory.of(key, facts.cluster, facts.pods);
  if (remembered.hasEndingNamespace) return done; // the objects disappear in any order, until the cluster itself does
  if ([...facts.secrets.values()].some(({ state }) => state === "unknown")) return done; // the Secret's watch adds the key again

  const inputs = inputsOf(facts);
  const manifests = desired(facts.cluster, inputs);
  const problem = check(facts, manifests);
  const planned = plan(manifests, facts);
  const edit = noteSpec(key, facts, ports);
  const permitted = stepsDespite(problem, planned, facts);
  const acted: Acted =
    permitted === undefined
      ? { facts, problem, nextAfterMs: Infinity }
      : await act(
          {
            facts,
            inputs,
            manifests,
            planned: { ...planned, steps: permitted },
            isWholePlan: problem === undefined,
          },
          ports,
          signal,
        );
  if (isOfEndingNamespace(acted.error?.cause)) return leave(remembered);

  const held = facts.cluster.spec.paused ? planned.steps.length : 0;
  const findings: Findings = {
    ...acted,
    edit,
    held,
    waiting: planned.waiting,
    liveHash: liveConfigHash(liveConfig(facts.cluster, inputs.liveGeneration, inputs.releases.gateway.template)),
  };
  const { written, hasEndingNamespace } = await report(findings, { ...ports, signal });
  if (written !== undefined) ports.watches.remember(written);
  if (hasEndingNamespace) return leave(remembered);
  // An unschedulable pod needs a pass when its grace period ends. After the end (0), the pod is already reported and
  // needs no further pass.
  const graceMs = acted.facts.pods.flatMap((pod) => graceLeftMs(pod, acted.facts.nowMs) || []);
  return outcomeOf(findings, Math.min(acted.nextAfterMs, ...graceMs));
}

function leave(remembered: Remembered): Outcome {
  remembered.hasEndingNamespace = true;
  return done;
}

/**
 * The steps that the pass may run. Undefined: none, and it sends nothing to gateways. Live fields need no Secret of the
 * spec. So while such a Secret is missing or wrong, running gateways still get a changed limit.
 */
function stepsDespite(problem: Problem | undefined, { steps }: Plan, { cluster }: Facts): readonly Step[] | undefined {
  if (cluster.spec.paused) return undefined;
  if (problem === undefined) return steps;
  if (!isOfSecret(problem)) return undefined;
  return steps.filter((step) => step.type === "apply" && !step.isNew && isLiveConfig(step.manifest, cluster));
}

/** Whether the object is the ConfigMap with the live configuration. */
function isLiveConfig({ kind, metadata }: KubeObject, cluster: Facts["cluster"]): boolean {
  return kind === "ConfigMap" && metadata.name === namesOf(cluster).server;
}

/** What a pass has computed before its first write. */
interface Pass {
  facts: Facts;
  inputs: Inputs;
  manifests: readonly Manifest[];
  planned: Plan;
  /** False when a problem permits only some steps of the plan. */
  isWholePlan: boolean;
}

interface Acted extends Pick<Findings, "facts" | "problem" | "error" | "overwritten" | "removed" | "rebalance"> {
  /** Milliseconds until the next pass: a gateway must be asked again, or a delayed write may run. */
  nextAfterMs: number;
}

/**
 * Applies the plan and sends the live configuration to the gateways. Then observes again, so that the status shows the
 * result.
 */
async function act(
  { facts, inputs, manifests, planned, isWholePlan }: Pass,
  ports: ReconcileDeps,
  signal: AbortSignal,
): Promise<Acted> {
  const key = `${facts.cluster.metadata.namespace}/${facts.cluster.metadata.name}`;
  const { writeHistory, unapplied: edit } = ports.memory.of(key, facts.cluster, facts.pods);
  const { steps, overwritten, nextAfterMs: backoffMs } = paced(planned.steps, writeHistory, facts.nowMs);
  const applied = await apply({ ...planned, steps }, facts, { ...ports, edit, signal });
  const { written, foreign, refusedGrowth, removed, problem, error } = applied;
  for (const object of written) ports.watches.remember(object);
  if (isOfMissingKind(error)) ports.watches.rediscoverKinds();
  // Even if a quota, a role or a webhook blocks another object, gateways must get changed live fields, such as a raised
  // limit.
  const areLiveFieldsWritten =
    foreign.length === 0 && ((problem ?? error) === undefined || standsAfter(facts.cluster, steps, written));
  const pushed = areLiveFieldsWritten
    ? await pushLiveConfig(facts, inputs, ports, signal)
    : { answers: facts.answers, nextAfterMs: Infinity };
  const { adminToken } = inputs.secrets;
  const rebalanced = await rebalance({ ...facts, answers: pushed.answers }, { ...ports, adminToken, signal });

  const learnt = {
    answers: rebalanced.answers,
    foreign,
    refusedGrowth,
    knownValues: knownValuesAfter(facts.knownValues, facts.children, written),
    missingKinds: planned.waiting.map(({ kind }) => kind),
    writeHistory: afterWrites(writeHistory, written, facts.nowMs),
    unapplied: isWholePlan && isSuccess(applied) ? undefined : edit,
  } satisfies Partial<Remembered>;
  Object.assign(ports.memory.of(key, facts.cluster, facts.pods), learnt);
  const after = observe(key, ports) ?? facts;
  return {
    facts: after,
    problem: problem ?? check(after, manifests),
    error,
    overwritten,
    removed,
    rebalance: rebalanced.rebalance,
    nextAfterMs: Math.min(pushed.nextAfterMs, rebalanced.nextAfterMs, backoffMs),
  };
}

function isSuccess({ problem, error, foreign }: Applied): boolean {
  return (problem ?? error) === undefined && foreign.length === 0;
}

/**
 * Whether the ConfigMap with the live configuration is up to date. If not, the operator sends nothing to running
 * gateways, because a new pod would start with other values.
 */
function standsAfter(cluster: Facts["cluster"], steps: readonly Step[], written: readonly KubeObject[]): boolean {
  const isIt = (object: KubeObject): boolean => isLiveConfig(object, cluster);
  return written.some(isIt) || !steps.some((step) => step.type === "apply" && isIt(step.manifest));
}

/**
 * Whether the error means that the object's kind was removed from the API server. The watch of this kind may not have
 * noticed it yet.
 */
function isOfMissingKind(error: Error | undefined): boolean {
  return error?.cause instanceof ApiError && error.cause.status === 404;
}

/** Logs an edit of the spec once. Its writes and its effects follow in the log. */
function noteSpec(key: string, { cluster, pods }: Facts, { memory, logger }: ReconcileDeps): SpecEdit | undefined {
  const remembered = memory.of(key, cluster, pods);
  const edit = specEditOf(cluster, remembered.seen);
  remembered.seen = { generation: cluster.metadata.generation ?? 0, spec: cluster.spec };
  const isNew = cluster.status?.observedGeneration === undefined;
  if (edit === undefined) return undefined;
  remembered.unapplied = edit;
  logger.info({ cluster: key, ...edit }, isNew ? "cluster created" : "spec changed");
  return edit;
}

/** Forgets a deleted cluster. Garbage collection deletes its children; volumes follow spec.redis.managed.dataPolicy. */
function forget(key: string, { memory, watches, logger }: ReconcileDeps): Outcome {
  if (memory.forget(key)) logger.info({ cluster: key }, "cluster deleted");
  watches.depend(key, [], []);
  return gone;
}
