import type { Manifest } from "../manifests/shared/child.ts";
import { namesOf } from "../manifests/shared/names.ts";
import type { Facts, SecretFact } from "./facts/facts.ts";
import { leastBytes, namedSecretsOf, secretKey, type NamedSecret } from "../watches/named-secrets.ts";
import { controllerOf, isOurs, keeperOf, ownerText } from "./facts/ownership.ts";
import type { Check, Problem } from "./problems.ts";
import { textOf } from "../api/kube-object.ts";

/** Mistakes that the schema cannot find, the most important first. The status reports only the first problem. */
const chain: readonly Check[] = [
  nameTaken,
  waitingForCollection,
  secretMissing,
  secretUnreadable,
  secretKeyMissing,
  secretTooShort,
  secretWeak,
  podPatch,
  redisPodPatch,
];

export function check(facts: Facts, manifests: readonly Manifest[]): Problem | undefined {
  for (const one of chain) {
    const problem = one(facts, manifests);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function nameTaken({ foreign, children, cluster }: Facts, manifests: readonly Manifest[]): Problem | undefined {
  const strangers = children.filter((child) => !["RealtimeCluster", undefined].includes(controllerOf(child)?.kind));
  const found = [
    ...foreign,
    ...strangers.map((child) => ({ kind: child.kind, name: child.metadata.name, owner: ownerText(child) })),
  ];
  if (found.length === 0) return undefined;
  // Other programs copy our labels to their objects, as KEDA does to the autoscaler that it creates. So an object is a
  // problem only if it has the name of an object that the cluster wants.
  const wanted = new Set(manifests.map(textOf));
  const first = found.find(({ kind, name }) => wanted.has(textOf({ kind, metadata: { name } })));
  if (first === undefined) return undefined;
  return {
    reason: "NameTaken",
    message: `${first.kind} ${first.name} exists and does not belong to this cluster (${first.owner}): delete or rename it, or rename cluster ${cluster.metadata.name}`,
  };
}

function waitingForCollection({ children, cluster }: Facts): Problem | undefined {
  const left = children.find((child) => controllerOf(child)?.kind === "RealtimeCluster" && !isOurs(child, cluster));
  if (left === undefined) return undefined;
  const keeper = keeperOf(left);
  const next =
    keeper === undefined
      ? "Kubernetes is about to delete it"
      : `Kubernetes cannot delete it before its ${keeper} is removed: if the program of this finalizer no longer runs, remove the finalizer`;
  return {
    reason: "WaitingForGarbageCollection",
    message: `${textOf(left)} belongs to a deleted cluster of this name, and ${next}`,
  };
}

function secretMissing(facts: Facts): Problem | undefined {
  return ofSecrets(facts, ({ path, name }, fact) =>
    fact.state === "missing"
      ? {
          reason: "SecretMissing",
          message: `${path}.name: there is no Secret ${name} in this namespace: create it, or name another`,
        }
      : undefined,
  );
}

function secretUnreadable(facts: Facts): Problem | undefined {
  return ofSecrets(facts, ({ path, name }, fact) =>
    fact.state === "unreadable"
      ? {
          reason: "SecretUnreadable",
          message: `${path}.name: Secret ${name} cannot be read (${fact.reason}): let the operator's ServiceAccount get and watch it`,
        }
      : undefined,
  );
}

function secretKeyMissing(facts: Facts): Problem | undefined {
  return ofSecrets(facts, ({ path, name, key, isKeyFixed }, fact) =>
    fact.state === "present" && !fact.keys.has(key)
      ? {
          reason: "SecretKeyMissing",
          message:
            isKeyFixed === true
              ? `${path}: Secret ${name} has no key ${key}: add it, or name another Secret`
              : `${path}.key: Secret ${name} has no key ${key}: add it, or name one of its keys`,
        }
      : undefined,
  );
}

function secretTooShort(facts: Facts): Problem | undefined {
  return ofSecrets(facts, ({ path, name, key, use }, fact) => {
    const bytes = fact.state === "present" ? fact.keys.get(key)?.bytes : undefined;
    if (bytes === undefined || bytes >= leastBytes[use]) return undefined;
    return {
      reason: "SecretTooShort",
      message: `${path}: key ${key} of Secret ${name} has ${bytes} bytes, and at least ${leastBytes[use]} are needed: ${remedies[use]}`,
    };
  });
}

function secretWeak(facts: Facts): Problem | undefined {
  return ofSecrets(facts, ({ path, name, key, use }, fact) => {
    const weakness = use === "hs256Key" && fact.state === "present" ? fact.keys.get(key)?.weakness : undefined;
    return weakness === undefined
      ? undefined
      : {
          reason: "SecretWeak",
          message: `${path}: key ${key} of Secret ${name} ${weakness}, and gateways refuse it: ${remedies[use]}`,
        };
  });
}

const remedies = {
  hs256Key: "openssl rand -hex 32 generates such a key",
  url: "put the URL of your Redis there",
  pem: "put it there in PEM form",
};

function podPatch({ cluster }: Facts, manifests: readonly Manifest[]): Problem | undefined {
  const template = templateOf(manifests, "Deployment", namesOf(cluster).server);
  const paths = { patch: "spec.podPatch", image: "spec.image" };
  return containerMissing(template, "gateway", paths) ?? misspelledQuantity(template, paths);
}

function redisPodPatch({ cluster }: Facts, manifests: readonly Manifest[]): Problem | undefined {
  if (cluster.spec.redis.type !== "Managed") return undefined;
  const template = templateOf(manifests, "StatefulSet", namesOf(cluster).redis);
  const paths = { patch: "spec.redis.managed.podPatch", image: "spec.redis.managed.image" };
  return containerMissing(template, "redis", paths) ?? misspelledQuantity(template, paths);
}

type PodTemplate = { spec?: { containers?: unknown } | null } | null | undefined;

function templateOf(manifests: readonly Manifest[], kind: string, name: string): PodTemplate {
  const workload = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  return (workload?.["spec"] as { template?: PodTemplate } | undefined)?.template;
}

function containerMissing(
  template: PodTemplate,
  name: string,
  paths: { patch: string; image: string },
): Problem | undefined {
  // The schema does not validate patches, so any item of the list may have any type, also null.
  const found = template?.spec?.containers;
  const containers = Array.isArray(found) ? (found as ({ name?: unknown; image?: unknown } | null)[]) : [];
  const hasImage = (container: (typeof containers)[number]) =>
    typeof container?.image === "string" && container.image !== "";
  if (containers.some((container) => container?.name === name && hasImage(container)))
    return unnamedImage(
      containers.find((container) => container !== null && !hasImage(container)),
      name,
      paths,
    );
  return {
    reason: "InvalidPodPatch",
    message: `${paths.patch} removes the container ${name} or its image: keep both, ${paths.image} chooses the image`,
  };
}

/** A patch whose container has a wrong name adds a second container, which then has no image. */
function unnamedImage(
  container: { name?: unknown } | null | undefined,
  ours: string,
  { patch }: { patch: string },
): Problem | undefined {
  if (!container) return undefined;
  return {
    reason: "InvalidPodPatch",
    message:
      `${patch} adds the container ${String(container.name)} without an image: the operator's own container ` +
      `is called ${ours}, and another container needs an image`,
  };
}

/** The API server's own pattern. Its answer to another text names neither the field nor the text. */
const QUANTITY = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/;

function misspelledQuantity(template: PodTemplate, { patch }: { patch: string }): Problem | undefined {
  const containers = template?.spec?.containers as ({ name?: unknown; resources?: object } | null)[];
  for (const container of containers) {
    for (const [group, values] of Object.entries(container?.resources ?? {})) {
      const wrong = Object.entries((values ?? {}) as object).find(
        ([, value]) => typeof value === "string" && !QUANTITY.test(value),
      );
      if (wrong === undefined) continue;
      return {
        reason: "InvalidPodPatch",
        message: `${patch}: resources.${group}.${wrong[0]} of the container ${String(container?.name)} is ${String(wrong[1])}: write a quantity such as 500m, 512Mi or 1Gi`,
      };
    }
  }
  return undefined;
}

function ofSecrets(
  facts: Facts,
  checkOne: (named: NamedSecret, fact: SecretFact) => Problem | undefined,
): Problem | undefined {
  for (const named of namedSecretsOf(facts.cluster)) {
    const fact = facts.secrets.get(secretKey(facts.cluster.metadata.namespace, named.name));
    const problem = fact === undefined ? undefined : checkOne(named, fact);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
