import type { KubeObject } from "../../api/kube-object.ts";
import type { Inputs } from "../../manifests/shared/inputs.ts";
import { liveConfig, liveConfigHash } from "../../manifests/shared/live-config.ts";
import type { Facts } from "../facts/facts.ts";
import type { GatewayPods } from "../../gateways/gateway-pods.ts";
import { isReachable, isReady, isTerminating, podsOf } from "../facts/pods.ts";
import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";
import { hasNotReadKeysYet } from "../facts/issuer-reports.ts";

/** Ask a gateway for its numbers when the last answer is this old. */
const ASK_EVERY_MS = 30_000;
/** The same interval for a gateway that drains or reports a problem with Redis, an issuer or a handler. */
const ASK_SOONER_EVERY_MS = 5_000;
/** The same interval for a ready gateway whose last answer shows that it was still starting. */
const ASK_STARTING_EVERY_MS = 1_000;
/**
 * The wait after a first missing answer. It doubles with each further one, up to the last. A missing answer keeps a
 * worker busy for two seconds.
 */
const FIRST_SILENCE_MS = 2_000;
const LAST_SILENCE_MS = 60_000;

export interface Pushed {
  answers: ReadonlyMap<string, GatewayAnswer>;
  /** Milliseconds until a gateway must be asked again. Infinity when no gateway runs. */
  nextAfterMs: number;
}

/**
 * Sends the live configuration to every running gateway that does not have it, draining ones included, and asks for its
 * numbers when its last answer is old. It does so in parallel, so that a slow gateway delays no other.
 */
export async function pushLiveConfig(
  facts: Facts,
  inputs: Inputs,
  gateways: Pick<GatewayPods, "pushConfig" | "readHealth">,
  signal: AbortSignal,
): Promise<Pushed> {
  const config = liveConfig(facts.cluster, inputs.liveGeneration, inputs.releases.gateway.template);
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
      answers.set(uid, withProblem(answer, before, wanted));
    }),
  );
  const next = running.map((pod) => {
    const answer = answers.get(pod.metadata.uid ?? "");
    return answer === undefined ? facts.nowMs : dueMs(pod, answer, wanted);
  });
  return { answers, nextAfterMs: Math.max(500, Math.min(...next, Infinity) - facts.nowMs) };
}

/**
 * If a gateway reports another configuration than the one sent, its own is newer. The next pass then sends a higher
 * number.
 */
function withProblem(
  { failures: _failures, ...now }: GatewayAnswer,
  before: GatewayAnswer | undefined,
  wanted: string,
): GatewayAnswer {
  // When the gateway does not answer, its last answer is the best estimate.
  const answer = now.problem === undefined ? now : { ...before, ...now };
  const problem =
    answer.problem ??
    (answer.hash === wanted ? undefined : `it still uses the live fields with number ${answer.generation ?? 0}`);
  const repeated = before?.askedFor === wanted ? (before.failures ?? 0) : 0;
  return { ...answer, askedFor: wanted, ...(problem === undefined ? {} : { problem, failures: repeated + 1 }) };
}

function dueMs(pod: KubeObject, answer: GatewayAnswer, wanted: string): number {
  const { askedAtMs, askedFor, problem, failures = 1 } = answer;
  if (askedFor !== wanted) return askedAtMs;
  if (problem === undefined) return askedAtMs + intervalMs(pod, answer);
  // When a gateway becomes ready, its pod changes. That change starts a pass.
  if (!isReady(pod) && !isTerminating(pod)) return askedAtMs + ASK_EVERY_MS;
  return askedAtMs + Math.min(LAST_SILENCE_MS, FIRST_SILENCE_MS * 2 ** Math.min(failures - 1, 10));
}

function intervalMs(pod: KubeObject, answer: GatewayAnswer): number {
  const { bus, inexact, issuers, handlers, isDraining } = answer;
  const isStarting = bus?.phase === "never" || inexact?.reason === "connecting" || hasNotReadKeysYet(answer);
  if (isReady(pod) && isStarting) return ASK_STARTING_EVERY_MS;
  const isImpaired = isReady(pod) && [bus, inexact, issuers, handlers].some((fault) => fault !== undefined);
  return isTerminating(pod) || isDraining === true || isImpaired ? ASK_SOONER_EVERY_MS : ASK_EVERY_MS;
}
