// The pods of a workload have a release: an image and a template version. The workload stores it in two annotations
// (docs/adr/0010).

export type Workload = "gateway" | "redis";

export interface PodRelease {
  /** The version of the pod template, as in templateVersions. */
  template: number;
  /** The image of a cluster whose spec names no image. */
  image: string;
}

/**
 * The supported versions of the pod templates. Add a version when you change a template, a default in it, or
 * redis.conf: raise `newest`, let the new code depend on `template`, and keep the hashes of old versions in the golden
 * file. If you raise `oldest`, the operator replaces the pods that have older versions.
 */
export const templateVersions: Readonly<Record<Workload, { oldest: number; newest: number }>> = {
  // What each version added. 2: Google's networks are trusted proxies for spec.exposure.ingress.controller GKE. 3:
  // spec.recovery. 4: spec.handlers and spec.maxConnectionAgeSeconds. 5: a token that may only publish.
  gateway: { oldest: 1, newest: 5 },
  // What each version added. 2: memory for the messages that spec.recovery keeps.
  redis: { oldest: 1, newest: 2 },
};

const RECOVERY_FROM: Readonly<Record<Workload, number>> = { gateway: 3, redis: 2 };

/**
 * For a gateway: whether pods of this template version support spec.recovery. For Redis: whether their memory limit
 * includes the messages of spec.recovery.
 */
export function knowsRecovery(workload: Workload, template: number): boolean {
  return template >= RECOVERY_FROM[workload];
}

const HANDLERS_FROM = 4;

/**
 * Whether gateways of this template version support spec.handlers and have the secret that signs their requests to
 * handlers.
 */
export function knowsHandlers(template: number): boolean {
  return template >= HANDLERS_FROM;
}

const PUBLISH_TOKEN_FROM = 5;

/** Whether gateways of this template version have the token that may only publish. */
export function knowsPublishToken(template: number): boolean {
  return template >= PUBLISH_TOKEN_FROM;
}

const MAX_CONNECTION_AGE_FROM = 4;

/** Whether gateways of this template version support spec.maxConnectionAgeSeconds. */
export function knowsMaxConnectionAge(template: number): boolean {
  return template >= MAX_CONNECTION_AGE_FROM;
}

export const templateAnnotation = "realtime.dev/template";
/** This annotation stores the operator's default image. It is absent when the spec names an image. */
export const defaultImageAnnotation = "realtime.dev/default-image";

/**
 * Annotations of the Deployment or StatefulSet itself. They are not part of the pod template, so a change of them
 * restarts no pod.
 */
export function releaseAnnotations(
  { template, image }: PodRelease,
  namedImage: string | undefined,
): Record<string, string> {
  return {
    [templateAnnotation]: String(template),
    ...(isNamed(namedImage) ? {} : { [defaultImageAnnotation]: image }),
  };
}

/** Whether the spec names an image. With an empty text, the operator chooses the image. */
export function isNamed(image: string | undefined): image is string {
  return image !== undefined && image !== "";
}
