// The release (image and template version) of a cluster's pods, and the annotations that store it in their workload
// (docs/adr/0010).

export type Workload = "gateway" | "redis";

export interface PodRelease {
  /** Version of the pod template. */
  template: number;
  /** Image of clusters without spec.image. */
  image: string;
}

/**
 * Supported versions of the pod templates. Any change of a template, a default in it, or redis.conf needs a new
 * version: raise `newest`, branch on `template`, keep the golden hashes. Raising `oldest` replaces pods below it.
 */
export const templateVersions: Readonly<Record<Workload, { oldest: number; newest: number }>> = {
  // 2: spec.exposure.ingress.controller GKE trusts Google's networks.
  gateway: { oldest: 1, newest: 2 },
  redis: { oldest: 1, newest: 1 },
};

export const templateAnnotation = "realtime.dev/template";
/** Missing when the spec names the image: then no default image is kept. */
export const defaultImageAnnotation = "realtime.dev/default-image";

/** Annotations of the workload, not of its pod template: writing them restarts no pod. */
export function releaseAnnotations(
  { template, image }: PodRelease,
  namedImage: string | undefined,
): Record<string, string> {
  return {
    [templateAnnotation]: String(template),
    ...(isNamed(namedImage) ? {} : { [defaultImageAnnotation]: image }),
  };
}

/** An empty image means that the operator chooses. */
export function isNamed(image: string | undefined): image is string {
  return image !== undefined && image !== "";
}
