import type { KubeObject } from "../api/kube-object.ts";
import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { optionalResources, resources, type ChildResource } from "../api/resources.ts";
import { environment } from "../config.ts";
import { allPages } from "../kube/list-watch/all-pages.ts";
import { ApiError } from "../kube/errors.ts";
import type { Kube } from "../kube/kube.ts";
import { managedBy, selectorText } from "../manifests/shared/labels.ts";
import { namesOf } from "../manifests/shared/names.ts";
import type { Facts, Release, SecretFact } from "../reconcile/facts/facts.ts";
import { namedSecretsOf, secretKey } from "../watches/named-secrets.ts";
import { discoverOptionalKinds, isInstalled, optionalName } from "../watches/optional-kinds.ts";
import { trimmedNamed } from "../watches/trimmed-named.ts";

/** Text in place of the values that the operator would generate at random. */
const DRAWN = "drawn-at-random";
const drawn = { redisPassword: DRAWN, adminToken: DRAWN, publishToken: DRAWN, handlerSecret: DRAWN };

/**
 * The facts of a cluster that was never applied. They assume that no object exists, that every optional kind is
 * installed, and that no Secret was read.
 */
export function offlineFacts(cluster: RealtimeCluster, release: Release): Facts {
  return {
    cluster,
    children: [],
    pods: [],
    claims: [],
    secrets: new Map(),
    foreign: [],
    sharingHost: [],
    refusedGrowth: new Map(),
    knownValues: new Map(),
    answers: new Map(),
    installed: new Set(optionalResources.map(optionalName)),
    routeRuleFields: new Set(["timeouts"]),
    drawn,
    release,
    nowMs: 0,
  };
}

export interface LiveFactsRequest {
  cluster: RealtimeCluster;
  /** The cluster as the API server stores it. Undefined when the cluster was never applied. */
  stored: RealtimeCluster | undefined;
  release: Release;
  /** Images from command-line options. They replace the images of the running pods and of a pending upgrade. */
  named?: Partial<Release["images"]>;
}

/**
 * Reads from the API server what the operator would observe of a cluster now. When the user may not read a Secret, the
 * facts say so, and no error is thrown.
 */
export async function liveFacts(
  kube: Kube,
  { cluster, stored, release, named = {} }: LiveFactsRequest,
  signal: AbortSignal,
): Promise<Facts> {
  const { namespace, name } = cluster.metadata;
  const kinds = await discoverOptionalKinds(kube, signal);
  const labelSelector = selectorText({ ...managedBy, "app.kubernetes.io/instance": name });
  const listed = async (resource: ChildResource): Promise<KubeObject[]> =>
    (await allPages(kube, resource, { namespace, labelSelector }, signal)).items;
  const { pods, persistentVolumeClaims, events: _events, ...childResources } = resources;
  const children = (
    await Promise.all(
      Object.values(childResources)
        .filter((resource) => isInstalled(resource, kinds))
        .map(listed),
    )
  ).flat();
  return {
    ...offlineFacts(cluster, {
      ...release,
      images: { ...release.images, ...(stored === undefined ? {} : imagesOf(children, stored)), ...named },
    }),
    ...kinds,
    children,
    pods: await listed(pods),
    claims: await listed(persistentVolumeClaims),
    secrets: new Map(
      await Promise.all(
        namedSecretsOf(cluster).map(
          async ({ name: secret }) =>
            [secretKey(namespace, secret), await secretFact(kube, namespace, secret, signal)] as const,
        ),
      ),
    ),
  };
}

async function secretFact(kube: Kube, namespace: string, name: string, signal: AbortSignal): Promise<SecretFact> {
  try {
    const object = await kube.get(resources.secrets, namespace, name, signal);
    return object === undefined
      ? { state: "missing" }
      : { state: "present", keys: new Map(Object.entries(trimmedNamed(object)["keys"] as object)) };
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return { state: "unreadable", reason: error.message };
    throw error;
  }
}

/**
 * The images that the installed operator uses for a cluster whose spec names no image. A pending upgrade names them in
 * the status. Without a pending upgrade, they are the images of the running pods.
 */
function imagesOf(children: readonly KubeObject[], stored: RealtimeCluster): Partial<Release["images"]> {
  const names = namesOf(stored);
  const imageIn = (kind: string, name: string, container: string): string | undefined => {
    const found = children.find((child) => child.kind === kind && child.metadata.name === name)?.["spec"] as
      { template?: { spec?: { containers?: { name: string; image: string }[] } } } | undefined;
    return found?.template?.spec?.containers?.find((one) => one.name === container)?.image;
  };
  const { upgrade } = stored.status ?? {};
  const gateway =
    upgrade?.gatewayImage ?? (stored.spec.image === "" ? imageIn("Deployment", names.server, "gateway") : undefined);
  const redis =
    upgrade?.redisImage ??
    ((stored.spec.redis.managed?.image ?? "") === "" ? imageIn("StatefulSet", names.redis, "redis") : undefined);
  return { ...(gateway === undefined ? {} : { gateway }), ...(redis === undefined ? {} : { redis }) };
}

export interface ReleaseOptions {
  gatewayImage?: string;
  redisImage?: string;
  operatorNamespace?: string;
}

export function namedImages({ gatewayImage, redisImage }: ReleaseOptions): Partial<Release["images"]> {
  return {
    ...(gatewayImage === undefined ? {} : { gateway: gatewayImage }),
    ...(redisImage === undefined ? {} : { redis: redisImage }),
  };
}

/**
 * The release for which a command computes manifests. An option has priority over the operator's environment variable,
 * and the variable over the default.
 */
export function releaseOf(
  { gatewayImage, redisImage, operatorNamespace }: ReleaseOptions,
  env: Readonly<Record<string, string | undefined>>,
): Release {
  return {
    images: {
      gateway: gatewayImage ?? env["GATEWAY_IMAGE"] ?? environment.GATEWAY_IMAGE.default,
      redis: redisImage ?? env["REDIS_IMAGE"] ?? environment.REDIS_IMAGE.default,
    },
    upgrade: env["UPGRADE"] === "Automatic" ? "Automatic" : "Manual",
    operatorNamespace: operatorNamespace ?? env["POD_NAMESPACE"] ?? environment.POD_NAMESPACE.default,
  };
}
