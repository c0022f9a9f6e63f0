import type { RealtimeCluster } from "../../../api/realtime-cluster.ts";
import { exposureProfile } from "../../../manifests/exposure/profiles.ts";
import type { Warning } from "./warning.ts";

/** Networks that gateways know by name, as people call them. */
const labels: Readonly<Record<string, string>> = {
  cloudflare: "Cloudflare, which",
  gke: "Google's load balancer, which",
  private: "a proxy with a private address, which",
};

/** A proxy between clients and gateways that spec.trustedProxies lacks, as gateways see it in most handshakes. */
export const unlistedProxy: Warning = ({ cluster, answers }) => {
  const network = [...answers.values()].flatMap((answer) => answer.unlistedProxy ?? [])[0];
  if (network === undefined) return undefined;
  const consequence = `its clients count as one address and reach spec.limits.maxConnectionsPerAddress together`;
  return {
    reason: "ProxyNotTrusted",
    message: `clients come through ${labels[network] ?? "a proxy that"} the gateways do not trust: ${consequence}; ${remedyOf(cluster, network)}`,
  };
};

function remedyOf(cluster: RealtimeCluster, network: string): string {
  const trusted = trustedBy(cluster);
  const [only = ""] = trusted;
  if (/^\d+$/.test(only))
    return `the gateways' logs name its address; set spec.trustedProxies to [${Number(only) + 1}] when every client comes through it`;
  if (network in labels) return `set spec.trustedProxies to [${[...new Set([...trusted, network])].join(", ")}]`;
  const networks = trusted.filter((entry) => !entry.startsWith("+"));
  const hops = trusted.find((entry) => entry.startsWith("+")) ?? "+0";
  const oneMore = [...networks, `+${Number(hops) + 1}`].join(", ");
  return `the gateways' logs name its address; set spec.trustedProxies to [${[...trusted, "NETWORK"].join(", ")}], or to [${oneMore}] when every client comes through it, as through CloudFront`;
}

/** The list that is in force, in the spec's words. */
function trustedBy(cluster: RealtimeCluster): readonly string[] {
  const { trustedProxies, exposure } = cluster.spec;
  if (trustedProxies.length > 0) return trustedProxies;
  return exposure.type === "None" ? ["private"] : ["private", ...(exposureProfile(cluster).trustedProxies ?? [])];
}
