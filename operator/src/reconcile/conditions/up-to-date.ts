import { namesOf } from "../../manifests/shared/names.ts";
import { childNamed } from "../facts/ownership.ts";
import { podReleases, upgradeModeOf, waits, type Releases } from "../facts/pod-releases.ts";
import { no, unknown, yes, type ConditionFunction } from "../findings.ts";

/** Whether pods have the images and the pod template that this operator would give to a new cluster. */
export const upToDate: ConditionFunction = ({ facts }) => {
  if (childNamed(facts, "Deployment", namesOf(facts.cluster).server) === undefined)
    return unknown("NotFound", "the Deployment of the gateways does not exist yet");
  const { gateway, redis } = podReleases(facts);
  const waiting = [
    ...(waits(gateway) ? [`gateways still have ${difference(gateway)}`] : []),
    ...(waits(redis) ? [`Redis still has ${difference(redis)}`] : []),
  ];
  if (waiting.length === 0)
    return yes("UpToDate", "all pods have the images and pod templates of the operator's release");
  const next =
    upgradeModeOf(facts) === "Automatic"
      ? "the upgrade starts when no problem blocks it any more: see the condition Ready"
      : "set spec.upgrade to Automatic to upgrade";
  return no("UpgradePending", `${waiting.join("; ")}: ${next}`);
};

function difference({ kept, offered }: Releases): string {
  return kept.image === offered.image
    ? `pod template ${kept.template} instead of ${offered.template}`
    : `image ${kept.image} instead of ${offered.image}`;
}
