import type { RealtimeCluster } from "../../../api/realtime-cluster.ts";
import { exposureProfile } from "../../../manifests/exposure/profiles.ts";
import type { Warning } from "./warning.ts";

/** The text in the message for each network that gateways report as one word. */
const labels: Readonly<Record<string, string>> = {
  cloudflare: "Cloudflare, which",
  gke: "Google's load balancer, which",
  private: "a proxy with a private address that",
};

/** Warns when most handshakes came through a proxy that spec.trustedProxies does not list. */
export const unlistedProxy: Warning = ({ cluster, answers }) => {
  const network = [...answers.values()].flatMap((answer) => answer.unlistedProxy ?? [])[0];
  if (network === undefined) return undefined;
  const consequence = `the gateways see one address for all its clients, so all of them together share one spec.limits.maxConnectionsPerAddress`;
  return {
    reason: "ProxyNotTrusted",
    message: `clients come through ${labels[network] ?? "a proxy that"} the gateways do not trust: ${consequence}; ${remedyOf(cluster, network)}`,
  };
};

function remedyOf(cluster: RealtimeCluster, network: string): string {
  const trusted = trustedBy(cluster);
  const [only = ""] = trusted;
  if (/^\d+$/.test(only))
    return `find its address in the gateways' logs, then set spec.trustedProxies to [${Number(only) + 1}] if every client comes through it`;
  if (network in labels) return `set spec.trustedProxies to [${[...new Set([...trusted, network])].join(", ")}]`;
  const networks = trusted.filter((entry) => !entry.startsWith("+"));
  const hops = trusted.find((entry) => entry.startsWith("+")) ?? "+0";
  const oneMore = [...networks, `+${Number(hops) + 1}`].join(", ");
  return `find its address in the gateways' logs, then set spec.trustedProxies to [${[...trusted, "NETWORK"].join(", ")}], or to [${oneMore}] if every client comes through it, as with CloudFront`;
}

/** The trusted proxies that gateways use, in the form of spec.trustedProxies. */
function trustedBy(cluster: RealtimeCluster): readonly string[] {
  const { trustedProxies, exposure } = cluster.spec;
  if (trustedProxies.length > 0) return trustedProxies;
  return exposure.type === "None" ? ["private"] : ["private", ...(exposureProfile(cluster).trustedProxies ?? [])];
}
