import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { resources } from "../api/resources.ts";
import { child, type Manifest } from "./child.ts";
import type { Inputs } from "./inputs.ts";
import { namesOf, ports } from "./names.ts";

/**
 * The route at a Gateway. sessionPersistence is experimental and many installed schemas lack it: it is set only where the
 * installed one has it, and a strict API server would refuse it elsewhere. Timeouts of 0s mean none: a WebSocket is one request.
 */
export function serverHttpRoute(cluster: RealtimeCluster, inputs: Inputs): Manifest | undefined {
  const { type, host, gateway } = cluster.spec.exposure;
  if (type !== "Gateway") return undefined;
  const names = namesOf(cluster);
  const sticky = cluster.spec.transports.includes("polling") && inputs.routeRuleFields.has("sessionPersistence");
  return child(cluster, resources.httpRoutes, { name: names.server, component: "server" }, {
    spec: {
      parentRefs: (gateway?.parentRefs ?? []).map((parent) => ({ group: "gateway.networking.k8s.io", kind: "Gateway", ...parent })),
      hostnames: [host],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/socket.io/" } }],
          backendRefs: [{ group: "", kind: "Service", name: names.server, port: ports.service, weight: 1 }],
          ...(inputs.routeRuleFields.has("timeouts") ? { timeouts: { request: "0s", backendRequest: "0s" } } : {}),
          ...(sticky ? { sessionPersistence: { sessionName: "realtime", type: "Cookie", cookieConfig: { lifetimeType: "Session" } } } : {}),
        },
      ],
    },
  });
}
