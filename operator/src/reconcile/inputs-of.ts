import type { KubeObject } from "../api/kube-object.ts";
import { authKeys } from "../manifests/auth-secret.ts";
import type { Inputs } from "../manifests/shared/inputs.ts";
import { liveConfig, liveConfigHash, type LiveConfig } from "../manifests/shared/live-config.ts";
import { namesOf } from "../manifests/shared/names.ts";
import { stableHash, stableJson } from "../manifests/shared/stable-hash.ts";
import type { Facts } from "./facts/facts.ts";
import { namedSecretsOf, secretKey } from "../watches/named-secrets.ts";
import { childNamed } from "./facts/ownership.ts";
import { podReleases } from "./facts/pod-releases.ts";

/** Derives the inputs of the manifests from the facts. */
export function inputsOf(facts: Facts): Inputs {
  const { cluster, release, drawn, installed, routeRuleFields } = facts;
  const { gateway, redis } = podReleases(facts);
  const names = namesOf(cluster);
  const auth = childNamed(facts, "Secret", names.auth);
  const secretsHash = hashOfSecrets(facts);
  const claimTemplate = claimTemplateOf(childNamed(facts, "StatefulSet", names.redis));
  const claimStorage = requestedStorage(claimTemplate?.spec);
  const replicasUntilHandedOver = handOver(facts);
  return {
    releases: { gateway: gateway.wanted, redis: redis.wanted },
    operatorNamespace: release.operatorNamespace,
    secrets: {
      redisPassword: decoded(auth, authKeys.redisPassword) ?? drawn.redisPassword,
      adminToken: decoded(auth, authKeys.adminToken) ?? drawn.adminToken,
      publishToken: decoded(auth, authKeys.publishToken) ?? drawn.publishToken,
      handlerSecret: decoded(auth, authKeys.handlerSecret) ?? drawn.handlerSecret,
    },
    liveGeneration: liveGeneration(facts, gateway.wanted.template),
    installed,
    routeRuleFields,
    ...(secretsHash === undefined ? {} : { secretsHash }),
    ...(claimStorage === "" ? {} : { claimStorage }),
    ...(claimTemplate === undefined ? {} : { claimMetadata: metadataOf(claimTemplate) }),
    ...(replicasUntilHandedOver === undefined ? {} : { replicasUntilHandedOver }),
  };
}

/**
 * Normal edits never make the generation this large. If a gateway reports a larger one, ignore it. Otherwise the next
 * generation would be larger still, and other gateways could refuse it as too large.
 */
const MIN_DOUBTED_GENERATION = 2 ** 52;

/**
 * The generation number of the live configuration. It changes only when the ConfigMap's content changes. The new number
 * is higher than the numbers of the ConfigMap and of all gateways, because a gateway ignores a lower number.
 */
function liveGeneration(facts: Facts, template: number): number {
  const { cluster, answers } = facts;
  const existing = parsed(childNamed(facts, "ConfigMap", namesOf(cluster).server));
  const isWhole = (value: unknown): value is number =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
  const existingNumber = isWhole(existing?.generation) ? existing.generation : 0;
  const seen = [...answers.values()].flatMap(({ generation, hash }) =>
    isWhole(generation) && generation < MIN_DOUBTED_GENERATION ? [{ generation, hash }] : [],
  );
  const kept = liveConfig(cluster, existingNumber, template);
  // A gateway may have a configuration with a higher number than the ConfigMap. This happens when the ConfigMap was
  // lost, or restored from a backup.
  const isAhead = seen.some(
    ({ generation, hash }) =>
      generation > existingNumber || (generation === existingNumber && hash !== liveConfigHash(kept)),
  );
  if (existing !== undefined && isWhole(existing.generation) && stableJson(existing) === stableJson(kept) && !isAhead)
    return existingNumber;
  return Math.max(
    cluster.metadata.generation ?? 1,
    ...[existingNumber, ...seen.map(({ generation }) => generation)].map((number) => number + 1),
  );
}

/** The content of the ConfigMap. Undefined when it is missing or invalid; the operator then overwrites it. */
function parsed(configMap: KubeObject | undefined): LiveConfig | undefined {
  const text = (configMap?.["data"] as Record<string, string> | undefined)?.["config.json"];
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as LiveConfig) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The hash of the Secrets that the spec names. Undefined while one of them is missing: a hash without this Secret would
 * restart the pods, and the complete hash would restart them again.
 */
function hashOfSecrets({ cluster, secrets }: Facts): string | undefined {
  // Leave out Secrets with certificates: gateways load a renewed certificate without a restart.
  const rolling = namedSecretsOf(cluster).filter(({ use }) => use !== "pem");
  const hashes = rolling.map(({ name, key }) => {
    const fact = secrets.get(secretKey(cluster.metadata.namespace, name));
    return fact?.state === "present" ? fact.keys.get(key)?.hash : undefined;
  });
  return hashes.length === 0 || hashes.includes(undefined) ? undefined : stableHash(hashes);
}

interface ClaimTemplate {
  metadata?: NonNullable<Inputs["claimMetadata"]>;
  spec?: unknown;
}

function claimTemplateOf(statefulSet: KubeObject | undefined): ClaimTemplate | undefined {
  const spec = statefulSet?.["spec"] as { volumeClaimTemplates?: ClaimTemplate[] } | undefined;
  return spec?.volumeClaimTemplates?.[0];
}

function metadataOf({ metadata }: ClaimTemplate): NonNullable<Inputs["claimMetadata"]> {
  const { labels, annotations } = metadata ?? {};
  return { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) };
}

function requestedStorage(spec: unknown): string {
  return (spec as { resources?: { requests?: { storage?: string } } } | undefined)?.resources?.requests?.storage ?? "";
}

/**
 * The replicas to apply while the cluster has an autoscaler. Undefined once the autoscaler has written `replicas`
 * itself.
 */
function handOver(facts: Facts): number | undefined {
  const { autoscaling } = facts.cluster.spec;
  if (autoscaling === undefined) return undefined;
  const deployment = childNamed(facts, "Deployment", namesOf(facts.cluster).server);
  if (deployment === undefined) return autoscaling.minReplicas;
  const isScaled = deployment.metadata.managedFields?.some(
    ({ subresource, fieldsV1 }) => subresource === "scale" && JSON.stringify(fieldsV1).includes('"f:replicas"'),
  );
  return isScaled === true
    ? undefined
    : ((deployment["spec"] as { replicas?: number } | undefined)?.replicas ?? autoscaling.minReplicas);
}

function decoded(secret: KubeObject | undefined, key: string): string | undefined {
  const value = (secret?.["data"] as Record<string, string> | undefined)?.[key];
  return value === undefined || value === "" ? undefined : Buffer.from(value, "base64").toString("utf8");
}
