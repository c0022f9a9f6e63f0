import { namesOf } from "../../manifests/shared/names.ts";
import { childNamed } from "../facts/ownership.ts";
import { podReleases, upgradeModeOf, waits, type Releases } from "../facts/pod-releases.ts";
import { no, unknown, yes, type ConditionFunction } from "../verdict.ts";

/** Whether pods have the images and template that this release of the operator gives a new cluster. */
export const upToDate: ConditionFunction = ({ facts }) => {
  if (childNamed(facts, "Deployment", namesOf(facts.cluster).server) === undefined)
    return unknown("NotFound", "there is no Deployment of gateways yet");
  const { gateway, redis } = podReleases(facts);
  const waiting = [
    ...(waits(gateway) ? [`gateways stay with ${difference(gateway)}`] : []),
    ...(waits(redis) ? [`Redis stays with ${difference(redis)}`] : []),
  ];
  if (waiting.length === 0) return yes("UpToDate", "pods are of the operator's release");
  const next =
    upgradeModeOf(facts) === "Automatic"
      ? "it comes when nothing is in the way any more"
      : "spec.upgrade Automatic takes it";
  return no("UpgradePending", `${waiting.join("; ")}: ${next}`);
};

function difference({ kept, offered }: Releases): string {
  return kept.image === offered.image
    ? `pod template ${kept.template}, and ${offered.template} waits`
    : `${kept.image}, and ${offered.image} waits`;
}
