import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { ingressClasses, resources } from "../api/resources.ts";
import { ingressClassOf } from "../manifests/exposure/server-ingress.ts";
import type { Facts, ForeignObject, Release, SecretFact } from "./facts/facts.ts";
import type { Memory } from "./memory.ts";
import { namedSecretsOf, secretKey } from "../watches/named-secrets.ts";
import type { NamedObject, NamedView } from "../watches/named-watches.ts";
import { mayTake, ownerText } from "./facts/ownership.ts";
import type { SecretValue } from "../watches/trimmed-named.ts";
import type { Watches } from "../watches/watches.ts";

export interface ObserveDeps {
  watches: Watches;
  memory: Memory;
  release: Release;
  now: () => number;
  /** Returns random bytes as hex. */
  draw: (bytes: number) => string;
}

/**
 * Collects the facts of a cluster from what the watches keep in memory. Sends no request itself. Undefined when the
 * cluster does not exist.
 */
export function observe(key: string, { watches, memory, release, now, draw }: ObserveDeps): Facts | undefined {
  const cluster = watches.cluster(key);
  if (cluster === undefined) return undefined;
  const pods = watches.podsOf(key);
  const remembered = memory.of(key, cluster, pods);
  watches.depend(key, dependenciesOf(cluster, remembered.foreign), remembered.missingKinds);
  return {
    cluster,
    children: watches.childrenOf(key),
    pods,
    claims: watches.claimsOf(key),
    secrets: new Map(
      namedSecretsOf(cluster).map(({ name }) => [
        secretKey(cluster.metadata.namespace, name),
        secretFact(watches.view(secretNamed(cluster, name))),
      ]),
    ),
    ...tlsSecretOf(cluster, watches),
    ...ingressClassFact(cluster, watches),
    sharingHost: watches.sharingHost(key),
    foreign: remembered.foreign.flatMap((object) => stillForeign(object, watches.view(object.watched), cluster)),
    refusedGrowth: remembered.refusedGrowth,
    knownValues: remembered.knownValues,
    answers: remembered.answers,
    installed: watches.kinds.installed,
    routeRuleFields: watches.kinds.routeRuleFields,
    drawn: { redisPassword: draw(24), adminToken: draw(24), publishToken: draw(24), handlerSecret: draw(32) },
    release,
    nowMs: now(),
  };
}

function dependenciesOf(cluster: RealtimeCluster, foreign: readonly { watched: NamedObject }[]): NamedObject[] {
  return [
    ...namedSecretsOf(cluster).map(({ name }) => secretNamed(cluster, name)),
    ...tlsSecretNamesOf(cluster).map((name) => secretNamed(cluster, name)),
    ...classesOf(cluster),
    ...foreign.map(({ watched }) => watched),
  ];
}

/**
 * The name of the Secret with the Ingress' certificate. A pass runs even when this Secret is missing, because
 * cert-manager may create it later.
 */
function tlsSecretNamesOf({ spec: { exposure } }: RealtimeCluster): string[] {
  return exposure.type === "Ingress" && exposure.tls !== undefined ? [exposure.tls.secretName] : [];
}

function tlsSecretOf(cluster: RealtimeCluster, watches: Pick<Watches, "view">): Pick<Facts, "tlsSecret"> {
  const [name] = tlsSecretNamesOf(cluster);
  return name === undefined ? {} : { tlsSecret: secretFact(watches.view(secretNamed(cluster, name))) };
}

function classesOf(cluster: RealtimeCluster): NamedObject[] {
  const name = ingressClassOf(cluster);
  return name === undefined ? [] : [{ resource: ingressClasses, namespace: "", name }];
}

function ingressClassFact(cluster: RealtimeCluster, watches: Pick<Watches, "view">): Pick<Facts, "hasIngressClass"> {
  const [named] = classesOf(cluster);
  const { isSynced = false, object } = named === undefined ? {} : watches.view(named);
  return isSynced ? { hasIngressClass: object !== undefined } : {};
}

function secretNamed({ metadata }: RealtimeCluster, name: string): NamedObject {
  return { resource: resources.secrets, namespace: metadata.namespace, name };
}

/**
 * The object as it is now, if it exists and belongs to another owner. It may have changed since an earlier pass found
 * it.
 */
function stillForeign(
  found: ForeignObject,
  { isSynced, object }: NamedView,
  cluster: RealtimeCluster,
): ForeignObject[] {
  if (!isSynced) return [found];
  return object === undefined || mayTake(object, cluster)
    ? []
    : [{ kind: found.kind, name: found.name, owner: ownerText(object) }];
}

function secretFact({ isSynced, object, refusal }: NamedView): SecretFact {
  if (!isSynced) return refusal === undefined ? { state: "unknown" } : { state: "unreadable", reason: refusal };
  if (object === undefined) return { state: "missing" };
  return { state: "present", keys: new Map(Object.entries(object["keys"] as Record<string, SecretValue>)) };
}
