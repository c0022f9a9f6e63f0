import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import { handlerEntries } from "./handler-entries.ts";
import { exposureProfile } from "./exposure/profiles.ts";
import type { Inputs } from "./shared/inputs.ts";
import { selectorOf } from "./shared/labels.ts";
import { namesOf, ports } from "./shared/names.ts";

/**
 * Opens the public port to everyone. Opens the private port to all pods. With spec.networkPolicy.privateFrom, it opens
 * the private port only to the listed sources and to the operator, which sends the live configuration. The kubelet's
 * probes always work, because no NetworkPolicy blocks them.
 * Unless spec.networkPolicy.egress is Restricted, the policy does not limit outgoing connections. A rule for handlers
 * alone would block Redis.
 */
export function serverNetworkPolicy(cluster: RealtimeCluster, inputs: Inputs): Manifest | undefined {
  if (!cluster.spec.networkPolicy.enabled) return undefined;
  const { privateFrom, egress } = cluster.spec.networkPolicy;
  const isRestricted = egress === "Restricted";
  const operator = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": inputs.operatorNamespace } } };
  const probes = (exposureProfile(cluster).probesFrom ?? []).map((cidr) => ({ ipBlock: { cidr } }));
  const from = [...(privateFrom === undefined ? [{ namespaceSelector: {} }] : [...privateFrom, operator]), ...probes];
  return child(
    cluster,
    resources.networkPolicies,
    { name: namesOf(cluster).server, component: "server" },
    {
      spec: {
        podSelector: { matchLabels: selectorOf(cluster, "server") },
        policyTypes: isRestricted ? ["Ingress", "Egress"] : ["Ingress"],
        ingress: [
          { ports: [{ port: ports.public, protocol: "TCP" }] },
          { from, ports: [{ port: ports.private, protocol: "TCP" }] },
        ],
        ...(isRestricted ? { egress: serverEgress(cluster) } : {}),
      },
    },
  );
}

type Rule = { to?: object[]; ports?: { port: number; protocol: "TCP" | "UDP" }[] };

const NAMESPACE_LABEL = "kubernetes.io/metadata.name";

/** The destinations to which gateways may connect: DNS, the managed Redis, token issuers and handlers. */
export function serverEgress(cluster: RealtimeCluster): Rule[] {
  const { spec, metadata } = cluster;
  const urls = [...(spec.auth.jwt?.issuers ?? []).map(({ jwksURL }) => jwksURL), ...urlsOf(cluster)].map(
    (text) => new URL(text),
  );
  const namespaces = new Set(urls.flatMap((url) => namespaceOf(url, metadata.namespace) ?? []));
  const outside = urls.filter((url) => namespaceOf(url, metadata.namespace) === undefined).map(portOf);
  return [
    { ports: [udp(53), tcp(53)] },
    ...(spec.redis.type === "Managed"
      ? [{ to: [{ podSelector: { matchLabels: selectorOf(cluster, "redis") } }], ports: [tcp(ports.redis)] }]
      : []),
    // The rule has no ports, so it allows all. A NetworkPolicy compares the pod's port, which we do not know: the URL
    // has the Service's port.
    ...[...namespaces]
      .sort()
      .map((name) => ({ to: [{ namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: name } } }] })),
    ...[...new Set(outside)].sort((a, b) => a - b).map((port) => ({ ports: [tcp(port)] })),
  ];
}

function urlsOf(cluster: RealtimeCluster): string[] {
  return handlerEntries(cluster).map(({ url }) => url);
}

/**
 * The namespace of the Service that the URL names. Undefined when the address may be outside the Kubernetes cluster.
 */
function namespaceOf({ hostname }: URL, own: string): string | undefined {
  if (/^[a-z][-a-z0-9]*$/i.test(hostname)) return own;
  return /^[-a-z0-9]+\.([-a-z0-9]+)\.svc(\.|$)/.exec(hostname)?.[1];
}

function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}

function tcp(port: number) {
  return { port, protocol: "TCP" as const };
}

function udp(port: number) {
  return { port, protocol: "UDP" as const };
}
