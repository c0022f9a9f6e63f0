// A cluster's pods have a release: an image and a template version. The workload stores it in annotations
// (docs/adr/0010).

export type Workload = "gateway" | "redis";

export interface PodRelease {
  /** Version of the pod template. */
  template: number;
  /** Image of clusters without spec.image. */
  image: string;
}

/**
 * The supported versions of the pod templates. A change of a template, of a default in it or of redis.conf needs a new
 * version: raise `newest`, branch on `template`, and keep the golden hashes. If you raise `oldest`, pods with older
 * versions are replaced.
 */
export const templateVersions: Readonly<Record<Workload, { oldest: number; newest: number }>> = {
  // 2: for spec.exposure.ingress.controller GKE, Google's networks are trusted proxies. 3: spec.recovery.
  // 4: spec.handlers.
  gateway: { oldest: 1, newest: 4 },
  // 2: Redis has room for the messages that spec.recovery keeps.
  redis: { oldest: 1, newest: 2 },
};

const RECOVERY_FROM: Readonly<Record<Workload, number>> = { gateway: 3, redis: 2 };

/** Whether gateways of this version know spec.recovery, or Redis of this version has room for its messages. */
export function knowsRecovery(workload: Workload, template: number): boolean {
  return template >= RECOVERY_FROM[workload];
}

const HANDLERS_FROM = 4;

/** Whether gateways of this version know spec.handlers, and have the secret with which they sign their requests. */
export function knowsHandlers(template: number): boolean {
  return template >= HANDLERS_FROM;
}

export const templateAnnotation = "realtime.dev/template";
/** Absent when the spec names the image, because there is no default image to keep. */
export const defaultImageAnnotation = "realtime.dev/default-image";

/** Annotations of the workload itself. They are not in its pod template, so writing them restarts no pod. */
export function releaseAnnotations(
  { template, image }: PodRelease,
  namedImage: string | undefined,
): Record<string, string> {
  return {
    [templateAnnotation]: String(template),
    ...(isNamed(namedImage) ? {} : { [defaultImageAnnotation]: image }),
  };
}

/** Whether the spec names an image. An empty one means that the operator chooses. */
export function isNamed(image: string | undefined): image is string {
  return image !== undefined && image !== "";
}
