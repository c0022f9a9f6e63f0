import type { KubeObject } from "../../api/kube-object.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { namesOf } from "../../manifests/shared/names.ts";
import { isReady, isTerminating, podsOf } from "../facts/pods.ts";
import { no, unknown, yes, type ConditionFunction } from "../findings.ts";

/** Whether every ready gateway has confirmed the hash of the wanted live configuration. */
export const limitsApplied: ConditionFunction = ({ facts, liveHash, problem }) => {
  const { cluster, answers } = facts;
  const gateways = podsOf(facts.pods, "server").filter((pod) => !isTerminating(pod) && isReady(pod));
  const stopped =
    problem === undefined
      ? undefined
      : unknown("Stopped", "the operator changes nothing until the configuration is accepted");
  if (gateways.length === 0)
    return (
      stopped ??
      unknown("NoGateway", "no gateway is ready: a gateway that starts reads the live fields from its ConfigMap")
    );
  const lagging = gateways.filter((pod) => answers.get(pod.metadata.uid ?? "")?.hash !== liveHash);
  const [first] = lagging;
  const about = `the live fields of generation ${cluster.metadata.generation ?? 0}`;
  if (first === undefined)
    return yes(
      "InForce",
      `${gateways.length === 1 ? "the only gateway has" : `all ${gateways.length} gateways have`} applied ${about}`,
    );
  if (stopped !== undefined) return stopped;
  if (cluster.spec.paused)
    return unknown(
      "Paused",
      "spec.paused is true, so the operator sends nothing to running gateways; a gateway that starts reads the live fields from its ConfigMap",
    );
  const applied = `${gateways.length - lagging.length} of ${gateways.length} gateways have applied ${about}`;
  const why = answers.get(first.metadata.uid ?? "")?.problem;
  return no("Applying", `${applied}; ${laggingInWords(lagging, why)}${remedyFor(why, cluster)}`);
};

/** A pod keeps the admin token with which it has started. */
function remedyFor(why: string | undefined, cluster: RealtimeCluster): string {
  if (why?.includes(" answered 401") !== true) return "";
  const { auth, server } = namesOf(cluster);
  const restart = `kubectl -n ${cluster.metadata.namespace} rollout restart deployment/${server}`;
  return (
    `. The Secret ${auth} was replaced after these pods had started. They read the live fields from their ConfigMap ` +
    `within about a minute; ${restart} gives them the new token`
  );
}

function laggingInWords(lagging: readonly KubeObject[], why: string | undefined): string {
  const names = lagging.slice(0, 5).map(({ metadata }) => metadata.name);
  return `${names.join(", ")} ${lagging.length > 1 ? "have" : "has"} not${why === undefined ? "" : ` (${why})`}`;
}
