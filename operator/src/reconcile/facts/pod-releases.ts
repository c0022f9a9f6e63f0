import type { KubeObject } from "../../api/kube-object.ts";
import {
  defaultImageAnnotation,
  isNamed,
  templateAnnotation,
  templateVersions,
  type PodRelease,
  type Workload,
} from "../../manifests/shared/pod-release.ts";
import { namesOf } from "../../manifests/shared/names.ts";
import type { Facts } from "./facts.ts";
import { childNamed } from "./ownership.ts";

/** The release that pods of one kind are of, the one this operator has to offer, and the one they are to be of. */
export interface Releases {
  kept: PodRelease;
  offered: PodRelease;
  wanted: PodRelease;
}

/**
 * An upgrade of the operator restarts no pod: pods stay with the release that their workload remembers until the
 * cluster, or the operator for clusters that do not say, wants the newest. What is new, or has lost its workload,
 * begins with the newest.
 */
export function podReleases(facts: Pick<Facts, "children" | "cluster" | "release">): Record<Workload, Releases> {
  const { cluster, release } = facts;
  const { spec } = cluster;
  const names = namesOf(cluster);
  const of = (workload: Workload, standing: KubeObject | undefined, namedImage: string | undefined): Releases => {
    const offered = { template: templateVersions[workload].newest, image: release.images[workload] };
    const kept = standing === undefined ? offered : keptRelease(standing, workload, namedImage, offered);
    return { kept, offered, wanted: upgradeModeOf(facts) === "Automatic" ? offered : kept };
  };
  return {
    gateway: of("gateway", childNamed(facts, "Deployment", names.server), spec.image),
    redis: of("redis", childNamed(facts, "StatefulSet", names.redis), spec.redis.managed?.image),
  };
}

/** The cluster's word, or the operator's for clusters that say nothing. */
export function upgradeModeOf({ cluster, release }: Pick<Facts, "cluster" | "release">): "Automatic" | "Manual" {
  return cluster.spec.upgrade ?? release.upgrade;
}

/** Whether there is something newer, or older after a rollback of the operator, than what the pods are of. */
export function waits({ kept, offered }: Releases): boolean {
  return kept.image !== offered.image || kept.template !== offered.template;
}

/**
 * What a workload remembers. An image that the spec names is not the operator's to keep back, nor is the one that
 * follows it.
 */
export function keptRelease(
  { metadata: { annotations = {} }, spec }: KubeObject,
  workload: Workload,
  namedImage: string | undefined,
  offered: PodRelease,
): PodRelease {
  const { [templateAnnotation]: written, [defaultImageAnnotation]: image = "" } = annotations;
  const { oldest, newest } = templateVersions[workload];
  const template = Number(written ?? newest);
  // Of a release that is no longer known, or not yet: image and template belong together, so both are ours.
  if (!Number.isInteger(template) || template < oldest || template > newest) return offered;
  if (isNamed(namedImage)) return { template, image: offered.image };
  if (/^\S+$/.test(image)) return { template, image };
  // Nothing is remembered, neither here nor of the template: the annotations are lost, or older than the habit of
  // writing them.
  return { template, image: (written === undefined ? imageIn(spec, workload) : undefined) ?? offered.image };
}

function imageIn(spec: unknown, container: Workload): string | undefined {
  const { template } = (spec ?? {}) as { template?: { spec?: { containers?: { name: string; image?: string }[] } } };
  return template?.spec?.containers?.find(({ name }) => name === container)?.image;
}
