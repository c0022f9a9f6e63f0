import type { KubeObject } from "../api/kube-object.ts";
import type { Inputs } from "../manifests/inputs.ts";
import { liveConfig, liveConfigHash } from "../manifests/live-config.ts";
import type { Facts, GatewayAnswer } from "./facts.ts";
import type { GatewayPods } from "./gateway-pods.ts";
import { isReachable, isReady, isTerminating, podsOf } from "./pods.ts";

/** How old the figures of a gateway may become before it is asked again; shorter while it drains. */
const lookEveryMs = 30_000;
const lookAtDrainEveryMs = 5_000;
/** A gateway that did not answer is not asked again before. */
const silentForMs = 2_000;

export interface Tuned {
  answers: ReadonlyMap<string, GatewayAnswer>;
  /** When somebody is to be asked again. */
  nextAfterMs: number;
}

/**
 * Brings the live configuration to every gateway that runs, the draining ones included, and asks for their figures when those are
 * old. All at once: one that does not answer keeps nobody waiting but itself.
 */
export async function tune(facts: Facts, inputs: Inputs, gateways: GatewayPods): Promise<Tuned> {
  const config = liveConfig(facts.cluster, inputs.liveGeneration);
  const wanted = liveConfigHash(config);
  const answers = new Map(facts.answers);
  const running = podsOf(facts.pods, "server").filter(isReachable);
  await Promise.all(
    running.map(async (pod) => {
      const before = answers.get(pod.metadata.uid ?? "");
      if (before !== undefined && facts.nowMs < dueMs(pod, before, wanted)) return;
      const answer = before !== undefined && before.hash === wanted ? await gateways.look(pod, before) : await gateways.configure(pod, inputs.secrets.adminToken, config);
      answers.set(pod.metadata.uid ?? "", answer);
    }),
  );
  const next = running.map((pod) => {
    const answer = answers.get(pod.metadata.uid ?? "");
    return answer === undefined ? facts.nowMs : dueMs(pod, answer, wanted);
  });
  return { answers, nextAfterMs: Math.max(500, Math.min(...next, Infinity) - facts.nowMs) };
}

function dueMs(pod: KubeObject, { hash, askedAtMs, problem, isDraining }: GatewayAnswer, wanted: string): number {
  // One that is not ready will be looked at when it becomes so: its pod changes then.
  if (problem !== undefined) return askedAtMs + (isReady(pod) || isTerminating(pod) ? silentForMs : lookEveryMs);
  if (hash !== wanted) return askedAtMs;
  return askedAtMs + (isTerminating(pod) || isDraining === true ? lookAtDrainEveryMs : lookEveryMs);
}
