// What pods take from a release of the operator, and what their workload remembers of it (docs/adr/0010).

export type Workload = "gateway" | "redis";

export interface PodRelease {
  /** Version of the pod template. */
  template: number;
  /** Image for clusters that name none. */
  image: string;
}

/**
 * Versions of the pod templates this operator writes: the newest for new clusters, older ones for those that stay.
 * Whatever changes a template or a default inside it, redis.conf included, is a new version: raise `newest`, branch on
 * `template`, and the golden hashes of released versions stay as they are. Raising `oldest` replaces the pods of
 * clusters that are still below it.
 */
export const templateVersions: Readonly<Record<Workload, { oldest: number; newest: number }>> = {
  gateway: { oldest: 1, newest: 1 },
  redis: { oldest: 1, newest: 1 },
};

export const templateAnnotation = "realtime.dev/template";
/** Absent where the spec names the image: nothing is to be remembered then. */
export const defaultImageAnnotation = "realtime.dev/default-image";

/** On the Deployment or StatefulSet and not in its pod template: writing them down restarts nothing. */
export function releaseAnnotations(
  { template, image }: PodRelease,
  namedImage: string | undefined,
): Record<string, string> {
  return {
    [templateAnnotation]: String(template),
    ...(isNamed(namedImage) ? {} : { [defaultImageAnnotation]: image }),
  };
}

/** An empty image is one that the spec leaves to the operator. */
export function isNamed(image: string | undefined): image is string {
  return image !== undefined && image !== "";
}
