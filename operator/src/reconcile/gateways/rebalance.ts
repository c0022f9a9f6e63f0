import type { KubeObject } from "../../api/kube-object.ts";
import type { Status } from "../../api/realtime-cluster.ts";
import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";
import { REBALANCING } from "../../gateways/gateway-health.ts";
import type { GatewayPods } from "../../gateways/gateway-pods.ts";
import { rebalancePlan, shedCommands, type Load } from "../../gateways/rebalance-plan.ts";
import { namesOf } from "../../manifests/shared/names.ts";
import { podStatusOf } from "../../watches/trimmed-pod.ts";
import type { Facts } from "../facts/facts.ts";
import { childNamed } from "../facts/ownership.ts";
import { isClosedForRebalance, isRebalancing, rebalanceMode, runningGateways } from "../facts/rebalancing.ts";
import { isComplete, rolloutOf } from "../facts/rollout.ts";
import { drainOf } from "../facts/drain-summary.ts";

export interface Rebalanced {
  /** For the status. */
  rebalance: Status["rebalance"];
  answers: Facts["answers"];
  /** Milliseconds until rebalance() must run again. Infinity when there is nothing to do. */
  nextAfterMs: number;
}

export interface RebalancePorts {
  gateways: Pick<GatewayPods, "readHealth" | "shed">;
  adminToken: string;
  signal: AbortSignal;
}

/**
 * A rebalance begins when all gateways have been ready for this long. A new gateway may fail soon after its start, and
 * load balancers need time to find it.
 */
const SETTLED_MS = 30_000;
const LOOK_EVERY_MS = 5_000;
const LOOK_AGAIN_MS = 10_000;

/**
 * Moves connections to new gateways, once after each scale-up. The status stores for how many gateways this was done
 * last. So the operator does not ask the gateways while their number stays the same, and a restarted operator
 * continues.
 */
export async function rebalance(facts: Facts, ports: RebalancePorts): Promise<Rebalanced> {
  const before = facts.cluster.status?.rebalance;
  const stays = (now: Status["rebalance"], nextAfterMs = Infinity): Rebalanced => ({
    rebalance: now,
    answers: facts.answers,
    nextAfterMs,
  });
  if (before !== undefined && isRebalancing(before)) return follow(facts, before, ports);
  const rollout = rolloutOf(facts);
  if (rollout === undefined || rollout.wanted === 0 || !isComplete(rollout)) return stays(before);
  const known = before?.gateways;
  const now = { ...before, gateways: rollout.wanted };
  if (known === undefined || known >= rollout.wanted || !rebalanceMode(facts.cluster).isOn) return stays(now);
  const waitMs = obstacleMs(facts);
  return waitMs > 0 ? stays(before, waitMs) : begin(facts, { before: before!, now }, ports);
}

/**
 * Milliseconds until the rebalance may begin; 0: now. It must wait while it could harm clients, or while the gateways
 * that it would fill may soon be removed.
 */
function obstacleMs(facts: Facts): number {
  const running = runningGateways(facts.pods);
  const youngestMs = Math.max(...running.map(readySinceMs));
  if (youngestMs + SETTLED_MS > facts.nowMs) return Math.min(SETTLED_MS, youngestMs + SETTLED_MS - facts.nowMs);
  const answers = running.map((pod) => facts.answers.get(pod.metadata.uid ?? ""));
  const areWell = answers.every((answer) => answer !== undefined && isWell(answer));
  return areWell && drainOf(facts) === undefined && !isAboutToShrink(facts) ? 0 : LOOK_AGAIN_MS;
}

function isWell({ problem, bus, inexact }: GatewayAnswer): boolean {
  return [problem, bus, inexact].every((fault) => fault === undefined);
}

function readySinceMs(pod: KubeObject): number {
  const condition = podStatusOf(pod).conditions?.find(({ type }) => type === "Ready");
  const sinceMs = Date.parse(condition?.lastTransitionTime ?? "");
  return Number.isNaN(sinceMs) ? 0 : sinceMs;
}

/** Whether the autoscaler is about to remove gateways. */
function isAboutToShrink(facts: Facts): boolean {
  const autoscaler = childNamed(facts, "HorizontalPodAutoscaler", namesOf(facts.cluster).server);
  const { currentReplicas = 0, desiredReplicas } = (autoscaler?.["status"] ?? {}) as Record<string, number>;
  return desiredReplicas !== undefined && desiredReplicas < currentReplicas;
}

type Rebalance = NonNullable<Status["rebalance"]>;

async function begin(
  facts: Facts,
  { before, now }: { before: Rebalance; now: Rebalance },
  ports: RebalancePorts,
): Promise<Rebalanced> {
  const { spec } = facts.cluster;
  const asked = await ask(facts, ports);
  const loads = loadsOf(facts, asked);
  if (loads === undefined) return { rebalance: before, answers: asked, nextAfterMs: LOOK_AGAIN_MS };
  const gateways = before.gateways;
  // If a gateway is already closed, this rebalance was begun by an operator that ended before it could write the
  // status.
  const hasBegun = [...asked.values()].some(({ unready }) => unready === REBALANCING);
  const plan = rebalancePlan(loads, hasBegun ? 0 : spec.rebalance.tolerancePercent);
  if (plan === undefined) return { rebalance: now, answers: asked, nextAfterMs: Infinity };
  const running = { gateways, moved: 0, left: plan.total };
  if (hasBegun) return { rebalance: running, answers: asked, nextAfterMs: LOOK_EVERY_MS };
  const pods = new Map(runningGateways(facts.pods).map((pod) => [pod.metadata.name, pod]));
  const problems: (string | undefined)[] = [];
  for (const { pod, command } of shedCommands(plan, spec.drain.connectionsPerSecond))
    problems.push(await ports.gateways.shed(pods.get(pod)!, ports.adminToken, command, ports.signal));
  // All gateways have refused, as gateways of an older release do, which cannot close for a rebalance.
  if (!problems.includes(undefined)) return { rebalance: now, answers: asked, nextAfterMs: Infinity };
  return { rebalance: running, answers: await ask(facts, ports), nextAfterMs: LOOK_EVERY_MS };
}

/**
 * Follows a running rebalance. It is over when no gateway is closed any more; each gateway opens by itself when it is
 * done.
 */
async function follow(facts: Facts, before: Rebalance, ports: RebalancePorts): Promise<Rebalanced> {
  const running = runningGateways(facts.pods);
  const dueMs = Math.max(0, ...running.map((pod) => askedAtMs(facts, pod))) + LOOK_EVERY_MS;
  if (facts.nowMs < dueMs) return { rebalance: before, answers: facts.answers, nextAfterMs: dueMs - facts.nowMs };
  const answers = await ask(facts, ports);
  const loads = loadsOf(facts, answers);
  const { moved = 0, left: leftBefore = 0 } = before;
  const left = loads === undefined ? leftBefore : (rebalancePlan(loads, 0)?.total ?? 0);
  const movedNow = Math.max(moved, moved + leftBefore - left);
  if (!running.some((pod) => isClosedForRebalance(pod, answers)))
    return { rebalance: { gateways: running.length, moved: movedNow, left: 0 }, answers, nextAfterMs: Infinity };
  return {
    rebalance: { gateways: before.gateways, moved: movedNow, left: Math.max(1, left) },
    answers,
    nextAfterMs: LOOK_EVERY_MS,
  };
}

async function ask(facts: Facts, { gateways, signal }: RebalancePorts): Promise<Map<string, GatewayAnswer>> {
  const answers = new Map(facts.answers);
  await Promise.all(
    runningGateways(facts.pods).map(async (pod) => {
      const uid = pod.metadata.uid ?? "";
      answers.set(uid, await gateways.readHealth(pod, answers.get(uid) ?? { askedAtMs: 0 }, signal));
    }),
  );
  return answers;
}

/**
 * The connections of each running gateway. Undefined when one did not answer, because the mean cannot be computed
 * without it.
 */
function loadsOf({ pods }: Facts, answers: Facts["answers"]): Load[] | undefined {
  const loads = runningGateways(pods).flatMap(({ metadata: { name: pod, uid = "" } }) => {
    const { connections, problem } = answers.get(uid) ?? {};
    return connections === undefined || problem !== undefined ? [] : [{ pod, connections }];
  });
  return loads.length === runningGateways(pods).length ? loads : undefined;
}

function askedAtMs({ answers }: Facts, pod: KubeObject): number {
  return answers.get(pod.metadata.uid ?? "")?.askedAtMs ?? 0;
}
