import type { KubeObject } from "../../api/kube-object.ts";
import { isReady, isTerminating, podsOf } from "../facts/pods.ts";
import { no, unknown, yes, type ConditionFunction } from "../verdict.ts";

/** Whether every gateway that takes connections has answered with the hash of the wanted live configuration. */
export const limitsApplied: ConditionFunction = ({ facts, liveHash, problem }) => {
  const { cluster, answers } = facts;
  const gateways = podsOf(facts.pods, "server").filter((pod) => !isTerminating(pod) && isReady(pod));
  const stopped =
    problem === undefined
      ? undefined
      : unknown("Stopped", "nothing is changed while the configuration is not accepted");
  if (gateways.length === 0)
    return (
      stopped ?? unknown("NoGateway", "no gateway is ready: those that start read the live fields from their ConfigMap")
    );
  const lagging = gateways.filter((pod) => answers.get(pod.metadata.uid ?? "")?.hash !== liveHash);
  const [first] = lagging;
  const about = `the live fields of generation ${cluster.metadata.generation ?? 0}`;
  if (first === undefined)
    return yes(
      "InForce",
      `${gateways.length === 1 ? "the only gateway has" : `all ${gateways.length} gateways have`} ${about} in force`,
    );
  if (stopped !== undefined) return stopped;
  if (cluster.spec.paused)
    return unknown(
      "Paused",
      "nothing is pushed while spec.paused is true: pods that started in the meantime read the live fields from their ConfigMap",
    );
  const applied = `${gateways.length - lagging.length} of ${gateways.length} gateways have ${about} in force`;
  return no("Applying", `${applied}; ${laggingInWords(lagging, answers.get(first.metadata.uid ?? "")?.problem)}`);
};

function laggingInWords(lagging: readonly KubeObject[], why: string | undefined): string {
  const names = lagging.slice(0, 5).map(({ metadata }) => metadata.name);
  return `${names.join(", ")} ${lagging.length > 1 ? "lag" : "lags"}${why === undefined ? "" : ` (${why})`}`;
}
