import type { KubeObject } from "../api/kube-object.ts";
import type { Inputs } from "../manifests/shared/inputs.ts";
import { liveConfig, liveConfigHash } from "../manifests/shared/live-config.ts";
import type { Facts } from "./facts/facts.ts";
import type { GatewayPods } from "../gateways/gateway-pods.ts";
import { isReachable, isReady, isTerminating, podsOf } from "./facts/pods.ts";
import type { GatewayAnswer } from "../gateways/gateway-answer.ts";

/** How old the figures of a gateway may become before it is asked again. */
const ASK_EVERY_MS = 30_000;
/** While it drains, or reports that Redis does not serve it. */
const ASK_SOONER_EVERY_MS = 5_000;
/** While its answer is from before it was ready. */
const ASK_STARTING_EVERY_MS = 1_000;
/**
 * The wait after a first silence; each further one doubles it up to the last. Silence costs a worker two seconds each
 * time.
 */
const FIRST_SILENCE_MS = 2_000;
const LAST_SILENCE_MS = 60_000;

export interface Pushed {
  answers: ReadonlyMap<string, GatewayAnswer>;
  /** When somebody is to be asked again; Infinity where no gateway runs. */
  nextAfterMs: number;
}

/**
 * Brings the live configuration to every gateway that runs, the draining ones included, and asks for their figures when
 * those are old. All at once: one that does not answer keeps nobody waiting but itself.
 */
export async function pushLiveConfig(
  facts: Facts,
  inputs: Inputs,
  gateways: GatewayPods,
  signal: AbortSignal,
): Promise<Pushed> {
  const config = liveConfig(facts.cluster, inputs.liveGeneration);
  const wanted = liveConfigHash(config);
  const answers = new Map(facts.answers);
  const running = podsOf(facts.pods, "server").filter(isReachable);
  await Promise.all(
    running.map(async (pod) => {
      const uid = pod.metadata.uid ?? "";
      const before = answers.get(uid);
      if (before !== undefined && facts.nowMs < dueMs(pod, before, wanted)) return;
      const answer =
        before !== undefined && before.hash === wanted
          ? await gateways.readHealth(pod, before, signal)
          : await gateways.pushConfig(pod, inputs.secrets.adminToken, config, signal);
      answers.set(uid, judged(answer, before, wanted));
    }),
  );
  const next = running.map((pod) => {
    const answer = answers.get(pod.metadata.uid ?? "");
    return answer === undefined ? facts.nowMs : dueMs(pod, answer, wanted);
  });
  return { answers, nextAfterMs: Math.max(500, Math.min(...next, Infinity) - facts.nowMs) };
}

/**
 * One that has another configuration in force than it was given has a newer one than we knew of: the next look numbers
 * ours higher.
 */
function judged(
  { failures: _failures, ...now }: GatewayAnswer,
  before: GatewayAnswer | undefined,
  wanted: string,
): GatewayAnswer {
  // Of one that is silent what it said last is still the best guess.
  const answer = now.problem === undefined ? now : { ...before, ...now };
  const problem =
    answer.problem ??
    (answer.hash === wanted ? undefined : `it has the live fields of number ${answer.generation ?? 0} in force`);
  const repeated = before?.askedFor === wanted ? (before.failures ?? 0) : 0;
  return { ...answer, askedFor: wanted, ...(problem === undefined ? {} : { problem, failures: repeated + 1 }) };
}

function dueMs(pod: KubeObject, answer: GatewayAnswer, wanted: string): number {
  const { askedAtMs, askedFor, problem, failures = 1 } = answer;
  if (askedFor !== wanted) return askedAtMs;
  if (problem === undefined) return askedAtMs + intervalMs(pod, answer);
  // One that is not ready will be looked at when it becomes so: its pod changes then.
  if (!isReady(pod) && !isTerminating(pod)) return askedAtMs + ASK_EVERY_MS;
  return askedAtMs + Math.min(LAST_SILENCE_MS, FIRST_SILENCE_MS * 2 ** Math.min(failures - 1, 10));
}

function intervalMs(pod: KubeObject, { bus, inexact, isDraining }: GatewayAnswer): number {
  if (isReady(pod) && (bus?.phase === "never" || inexact?.reason === "connecting")) return ASK_STARTING_EVERY_MS;
  const isImpaired = isReady(pod) && (bus !== undefined || inexact !== undefined);
  return isTerminating(pod) || isDraining === true || isImpaired ? ASK_SOONER_EVERY_MS : ASK_EVERY_MS;
}
