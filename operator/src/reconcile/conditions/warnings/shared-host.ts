import type { RealtimeCluster } from "../../../api/realtime-cluster.ts";
import type { Warning } from "./warning.ts";

/**
 * Warns when two clusters have the same host. The ingress controller or Gateway may send a client to either cluster,
 * and the wrong cluster refuses the client's token.
 */
export const sharedHost: Warning = ({ cluster, sharingHost }) => {
  const others = sharingHost.filter((other) => haveOneController(cluster, other));
  const [first] = others;
  if (first === undefined) return undefined;
  const { namespace, name } = first.metadata;
  const more = others.length === 1 ? "" : ` and ${others.length - 1} more`;
  return {
    reason: "HostShared",
    message: `spec.exposure.host ${cluster.spec.exposure.host} is also the host of cluster ${namespace}/${name}${more}: clients of one reach the gateways of the other and are refused; give each cluster its own host`,
  };
};

/**
 * With different ingress classes or Gateways, the two clusters may have different addresses, for example an internal
 * and a public one. Then there is no conflict.
 */
export function haveOneController(one: RealtimeCluster, other: RealtimeCluster): boolean {
  if (one.spec.exposure.type !== other.spec.exposure.type) return false;
  if (one.spec.exposure.type === "Gateway")
    return gatewaysOf(one).some((gateway) => gatewaysOf(other).includes(gateway));
  const classes = [one.spec.exposure.ingress?.className, other.spec.exposure.ingress?.className];
  return classes.includes(undefined) || classes[0] === classes[1];
}

function gatewaysOf({ metadata, spec }: RealtimeCluster): string[] {
  const parents = spec.exposure.gateway?.parentRefs ?? [];
  return parents.map(({ namespace = metadata.namespace, name }) => `${namespace}/${name}`);
}
