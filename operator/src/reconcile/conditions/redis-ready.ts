import { namesOf } from "../../manifests/shared/names.ts";
import { childNamed } from "../facts/ownership.ts";
import { unschedulableReasonOf, podFailureOf } from "../facts/pod-failure.ts";
import { isReady, isTerminating, podsOf } from "../facts/pods.ts";
import { reportedUnreadinessOf } from "../facts/rollout.ts";
import { no, unknown, yes, type ConditionFunction } from "./verdict.ts";

/** Whether Redis answers. Of an external one only the gateways know: each is ready once it has reached it, and tells when it does no more. */
export const redisReady: ConditionFunction = ({ facts }) => {
  const { cluster, pods, answers } = facts;
  const { type, managed } = cluster.spec.redis;
  if (type === "None") return yes("Disabled", "spec.redis.type is None: one gateway keeps everything in its memory");
  if (type === "External") {
    const gateways = podsOf(pods, "server");
    const ready = gateways.filter((pod) => isReady(pod) && !isTerminating(pod));
    const [deprived] = ready;
    // Readiness only tells of the first time: a gateway stays ready, so that its clients stay.
    if (deprived !== undefined && ready.every((pod) => answers.get(pod.metadata.uid ?? "")?.isRedisAway === true)) {
      return no(
        "Away",
        `no gateway reaches your Redis any more: kubectl logs ${deprived.metadata.name} says why; gateways go on serving their own clients meanwhile`,
      );
    }
    if (gateways.some(isReady)) return yes("Reached", "a gateway has reached your Redis");
    const [first] = gateways.filter((pod) => !isTerminating(pod));
    const why =
      reportedUnreadinessOf(facts) ??
      (first === undefined ? undefined : (podFailureOf(first) ?? `kubectl logs ${first.metadata.name} says why`));
    return unknown("NotReachedYet", `no gateway has reached your Redis yet${why === undefined ? "" : `: ${why}`}`);
  }
  const wanted = managed?.replicas ?? 1;
  const running = podsOf(pods, "redis").filter((pod) => !isTerminating(pod));
  const ready = running.filter(isReady).length;
  if (childNamed(facts, "StatefulSet", namesOf(cluster).redis) === undefined)
    return no("NotFound", "there is no StatefulSet of Redis yet");
  if (ready >= wanted) return yes("Ready", `${ready} of ${wanted} Redis pods are ready`);
  const trouble = running.map((pod) => podFailureOf(pod) ?? unschedulableReasonOf(pod)).find(Boolean);
  const why =
    trouble ??
    (running.length === 0
      ? `kubectl describe statefulset ${namesOf(cluster).redis} says why there is none`
      : undefined);
  const meanwhile = podsOf(pods, "server").some(isReady) ? "; gateways go on serving their own clients meanwhile" : "";
  return no("NotReady", `${ready} of ${wanted} Redis pods are ready${why === undefined ? "" : `: ${why}`}${meanwhile}`);
};
