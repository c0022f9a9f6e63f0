import type { KubeObject } from "../../api/kube-object.ts";
import type { Inputs } from "../../manifests/shared/inputs.ts";
import { liveConfig, liveConfigHash } from "../../manifests/shared/live-config.ts";
import type { Logger } from "../../kube/logger.ts";
import type { Facts } from "../facts/facts.ts";
import type { GatewayPods } from "../../gateways/gateway-pods.ts";
import { isReachable, isReady, isTerminating, podsOf } from "../facts/pods.ts";
import type { GatewayAnswer } from "../../gateways/gateway-answer.ts";
import { hasNotReadKeysYet } from "../facts/issuer-reports.ts";

/** Read a gateway's health again when its last answer is older than this. */
const ASK_EVERY_MS = 30_000;
/** As ASK_EVERY_MS, for a gateway that drains or reports a problem with Redis, a token issuer or a handler. */
const ASK_SOONER_EVERY_MS = 5_000;
/** As ASK_EVERY_MS, for a ready gateway whose last answer says that it is still starting. */
const ASK_STARTING_EVERY_MS = 1_000;
/**
 * The wait after a gateway has not answered once. It doubles with each further request without an answer, up to
 * LAST_SILENCE_MS, because each such request keeps a worker busy for two seconds.
 */
const FIRST_SILENCE_MS = 2_000;
const LAST_SILENCE_MS = 60_000;

export interface Pushed {
  answers: ReadonlyMap<string, GatewayAnswer>;
  /** Milliseconds until the next gateway must be asked. Infinity when no gateway is running. */
  nextAfterMs: number;
}

/**
 * Sends the live configuration to each running gateway that does not have it, also to draining gateways. Reads a
 * gateway's health when the last answer is old. It asks all gateways at the same time, so that a slow one does not
 * delay the others.
 */
export async function pushLiveConfig(
  facts: Facts,
  inputs: Inputs,
  { gateways, logger }: { gateways: Pick<GatewayPods, "pushConfig" | "readHealth">; logger: Logger },
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
  const newly = running.filter(({ metadata: { uid = "" } }) =>
    hasTakenUp(facts.answers.get(uid), answers.get(uid), wanted),
  );
  if (newly.length > 0) {
    const { namespace, name, generation } = facts.cluster.metadata;
    const pods = newly.map(({ metadata }) => metadata.name);
    logger.info({ cluster: `${namespace}/${name}`, generation, pods }, "live fields applied by gateways");
  }
  const next = running.map((pod) => {
    const answer = answers.get(pod.metadata.uid ?? "");
    return answer === undefined ? facts.nowMs : dueMs(pod, answer, wanted);
  });
  return { answers, nextAfterMs: Math.max(500, Math.min(...next, Infinity) - facts.nowMs) };
}

/** A gateway's first answer does not count: it has read the fields at its start, or the operator has restarted. */
function hasTakenUp(before: GatewayAnswer | undefined, now: GatewayAnswer | undefined, wanted: string): boolean {
  return before?.hash !== undefined && before.hash !== wanted && now?.hash === wanted;
}

/**
 * Adds a problem to an answer whose live configuration is not the one that was sent. The gateway's own configuration
 * then has a higher generation number, so the next pass sends one with a number above it.
 */
function withProblem(
  { failures: _failures, ...now }: GatewayAnswer,
  before: GatewayAnswer | undefined,
  wanted: string,
): GatewayAnswer {
  // When the gateway does not answer, keep the values of its last answer, because nothing newer is known.
  const answer = now.problem === undefined ? now : { ...before, ...now };
  const problem =
    answer.problem ??
    (answer.hash === wanted
      ? undefined
      : `it still uses the live fields with revision number ${answer.generation ?? 0}`);
  const repeated = before?.askedFor === wanted ? (before.failures ?? 0) : 0;
  return { ...answer, askedFor: wanted, ...(problem === undefined ? {} : { problem, failures: repeated + 1 }) };
}

function dueMs(pod: KubeObject, answer: GatewayAnswer, wanted: string): number {
  const { askedAtMs, askedFor, problem, failures = 1 } = answer;
  if (askedFor !== wanted) return askedAtMs;
  if (problem === undefined) return askedAtMs + intervalMs(pod, answer);
  // A gateway that is not ready need not be asked often. When it becomes ready, its pod changes, and the change starts
  // a pass.
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
