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
 * Three releases of the gateway pods or of the Redis pods. `kept`: the release that the pods have. `offered`: the
 * release of this operator. `wanted`: the release that the pods should get.
 */
export interface Releases {
  kept: PodRelease;
  offered: PodRelease;
  wanted: PodRelease;
}

/**
 * An upgrade of the operator restarts no pod. Pods keep the release that their workload's annotations store. They get
 * the operator's release when the upgrade policy is Automatic. A new workload always gets the operator's release.
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

/** The cluster's upgrade policy. The operator's default if the spec has none. */
export function upgradeModeOf({ cluster, release }: Pick<Facts, "cluster" | "release">): "Automatic" | "Manual" {
  return cluster.spec.upgrade ?? release.upgrade;
}

/**
 * Whether the pods have another release than the operator offers, so that an upgrade is pending. After a rollback of
 * the operator, the offered release is older than that of the pods.
 */
export function waits({ kept, offered }: Releases): boolean {
  return kept.image !== offered.image || kept.template !== offered.template;
}

/**
 * The release that the workload's annotations store. The annotations do not store an image while the spec names one.
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
  // This operator does not support the stored template version. An image works only with the template of its release,
  // so take both from the operator's release.
  if (!Number.isInteger(template) || template < oldest || template > newest) return offered;
  if (isNamed(namedImage)) return { template, image: offered.image };
  if (/^\S+$/.test(image)) return { template, image };
  // If both annotations are missing, a user has removed them, or an older operator without these annotations wrote the
  // workload. Then keep the image that the pods have.
  return { template, image: (written === undefined ? imageIn(spec, workload) : undefined) ?? offered.image };
}

function imageIn(spec: unknown, container: Workload): string | undefined {
  const { template } = (spec ?? {}) as { template?: { spec?: { containers?: { name: string; image?: string }[] } } };
  return template?.spec?.containers?.find(({ name }) => name === container)?.image;
}
