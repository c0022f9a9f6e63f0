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

/**
 * Three releases of gateway or Redis pods: the one that they have, the one that this operator offers, and the one that
 * they should get.
 */
export interface Releases {
  kept: PodRelease;
  offered: PodRelease;
  wanted: PodRelease;
}

/**
 * An upgrade of the operator restarts no pod. Pods keep the release in their workload's annotations, until the upgrade
 * policy is Automatic: the cluster's policy or, if it has none, the operator's. New workloads get the newest release.
 */
export function podReleases(facts: Pick<Facts, "children" | "cluster" | "release">): Record<Workload, Releases> {
  const { cluster, release } = facts;
  const { spec } = cluster;
  const names = namesOf(cluster);
  const of = (workload: Workload, existing: KubeObject | undefined, namedImage: string | undefined): Releases => {
    const offered = { template: templateVersions[workload].newest, image: release.images[workload] };
    const kept = existing === undefined ? offered : keptRelease(existing, workload, namedImage, offered);
    return { kept, offered, wanted: upgradeModeOf(facts) === "Automatic" ? offered : kept };
  };
  return {
    gateway: of("gateway", childNamed(facts, "Deployment", names.server), spec.image),
    redis: of("redis", childNamed(facts, "StatefulSet", names.redis), spec.redis.managed?.image),
  };
}

/** The cluster's policy, or the operator's default. */
export function upgradeModeOf({ cluster, release }: Pick<Facts, "cluster" | "release">): "Automatic" | "Manual" {
  return cluster.spec.upgrade ?? release.upgrade;
}

/**
 * Whether an upgrade waits: the offered release differs from that of the pods. After a rollback of the operator, it is
 * older.
 */
export function waits({ kept, offered }: Releases): boolean {
  return kept.image !== offered.image || kept.template !== offered.template;
}

/**
 * The release that a workload's annotations store. An image that the spec names, or has named until now, is not stored.
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
  // This operator does not support the template version. Image and template belong together, so take both from our
  // release.
  if (!Number.isInteger(template) || template < oldest || template > newest) return offered;
  if (isNamed(namedImage)) return { template, image: offered.image };
  if (/^\S+$/.test(image)) return { template, image };
  // If both annotations are missing, somebody removed them, or an operator that did not know them wrote the workload.
  return { template, image: (written === undefined ? imageIn(spec, workload) : undefined) ?? offered.image };
}

function imageIn(spec: unknown, container: Workload): string | undefined {
  const { template } = (spec ?? {}) as { template?: { spec?: { containers?: { name: string; image?: string }[] } } };
  return template?.spec?.containers?.find(({ name }) => name === container)?.image;
}
