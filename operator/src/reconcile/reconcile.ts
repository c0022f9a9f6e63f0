// The story of the operator: look at everything, say what is wrong, compute what should be, compare, write, report.
import { done, type Outcome } from "../engine/outcome.ts";
import { liveConfig, liveConfigHash } from "../manifests/live-config.ts";
import { apply, type ApplyPorts } from "./apply.ts";
import { check } from "./checks.ts";
import { desired } from "./desired.ts";
import type { Facts } from "./facts.ts";
import type { Findings } from "./findings.ts";
import { inputsOf } from "./inputs-of.ts";
import type { Remembered } from "./memory.ts";
import { observe, type ObservePorts } from "./observe.ts";
import { outcomeOf } from "./outcome-of.ts";
import { plan } from "./plan.ts";
import { report, type ReportPorts } from "./report.ts";
import { tune } from "./tune.ts";

export type ReconcilePorts = Omit<ObservePorts & ApplyPorts & ReportPorts, "signal">;

/** Brings one cluster a step nearer to what its resource wants. Whatever happened before, the same facts lead to the same end. */
export async function reconcile(key: string, ports: ReconcilePorts, signal: AbortSignal): Promise<Outcome> {
  const facts = observe(key, ports);
  if (facts === undefined || facts.cluster.metadata.deletionTimestamp !== undefined) {
    // Its children go by garbage collection, its volumes as spec.redis.managed.dataPolicy says.
    ports.memory.forget(key);
    ports.watches.depend(key, [], []);
    return done;
  }
  if ([...facts.secrets.values()].some(({ state }) => state === "unknown")) return done; // its watch calls when it knows

  const { findings, nextAfterMs } = await act(key, facts, ports, signal);
  const written = await report(findings, { ...ports, signal });
  if (written !== undefined) ports.watches.remember(written);
  return outcomeOf(findings, nextAfterMs);
}

async function act(key: string, facts: Facts, ports: ReconcilePorts, signal: AbortSignal): Promise<{ findings: Findings; nextAfterMs: number }> {
  const problem = check(facts);
  const inputs = inputsOf(facts);
  const liveHash = liveConfigHash(liveConfig(facts.cluster, inputs.liveGeneration));
  const planned = plan(desired(facts.cluster, inputs), facts);
  const findings: Findings = { facts, waiting: planned.waiting, liveHash, ...(problem === undefined ? {} : { problem }) };
  if (problem !== undefined || facts.cluster.spec.paused) return { findings, nextAfterMs: Infinity };

  const applied = await apply(planned, facts, { ...ports, signal });
  for (const object of applied.written) ports.watches.remember(object);
  const tuned = applied.error === undefined && applied.problem === undefined && applied.foreign.length === 0 ? await tune(facts, inputs, ports.gateways) : { answers: facts.answers, nextAfterMs: Infinity };
  Object.assign(ports.memory.of(key, facts.cluster, facts.pods), {
    answers: tuned.answers,
    foreign: applied.foreign,
    refusedGrowth: applied.refusedGrowth,
    missingKinds: planned.waiting.map(({ kind }) => kind),
  } satisfies Partial<Remembered>);
  // Observed anew, so that the report speaks of what has just been written, taken or refused.
  const after = observe(key, ports) ?? facts;
  const refused = applied.problem ?? check(after);
  return {
    findings: { ...findings, facts: after, ...(refused === undefined ? {} : { problem: refused }), ...(applied.error === undefined ? {} : { error: applied.error }) },
    nextAfterMs: tuned.nextAfterMs,
  };
}
