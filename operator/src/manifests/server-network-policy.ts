import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./shared/child.ts";
import { exposureProfile } from "./exposure/profiles.ts";
import type { Inputs } from "./shared/inputs.ts";
import { selectorOf } from "./shared/labels.ts";
import { namesOf, ports } from "./shared/names.ts";

/**
 * Opens the public port to everyone. Opens the private port to all pods, or only to spec.networkPolicy.privateFrom and
 * to the operator, which sends the live configuration. No policy stops the kubelet's probes.
 */
export function serverNetworkPolicy(cluster: RealtimeCluster, inputs: Inputs): Manifest | undefined {
  if (!cluster.spec.networkPolicy.enabled) return undefined;
  const { privateFrom } = cluster.spec.networkPolicy;
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
        policyTypes: ["Ingress"],
        ingress: [
          { ports: [{ port: ports.public, protocol: "TCP" }] },
          { from, ports: [{ port: ports.private, protocol: "TCP" }] },
        ],
      },
    },
  );
}
