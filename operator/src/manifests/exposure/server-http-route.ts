import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { child, type Manifest } from "../shared/child.ts";
import type { Inputs } from "../shared/inputs.ts";
import { namesOf, ports } from "../shared/names.ts";

/**
 * The HTTPRoute to the gateways. A timeout of 0s means no timeout, because a WebSocket is one request that lasts as
 * long as the connection.
 */
export function serverHttpRoute(cluster: RealtimeCluster, inputs: Inputs): Manifest | undefined {
  const { type, host, gateway } = cluster.spec.exposure;
  if (type !== "Gateway") return undefined;
  const names = namesOf(cluster);
  const persistence = cluster.spec.transports.includes("polling")
    ? sessionPersistence(inputs.routeRuleFields)
    : undefined;
  return child(
    cluster,
    resources.httpRoutes,
    { name: names.server, component: "server" },
    {
      spec: {
        parentRefs: (gateway?.parentRefs ?? []).map((parent) => ({
          group: "gateway.networking.k8s.io",
          kind: "Gateway",
          ...parent,
        })),
        hostnames: [host],
        rules: [
          {
            matches: [{ path: { type: "PathPrefix", value: "/socket.io/" } }],
            backendRefs: [{ group: "", kind: "Service", name: names.server, port: ports.service, weight: 1 }],
            ...(inputs.routeRuleFields.has("timeouts") ? { timeouts: { request: "0s", backendRequest: "0s" } } : {}),
            ...(persistence === undefined ? {} : { sessionPersistence: persistence }),
          },
        ],
      },
    },
  );
}

/**
 * Session affinity with the field names of the installed schema. Undefined when the schema has no such field. The field
 * is experimental: its names changed after release 1.6 (GEP-1619), and the API server refuses unknown names.
 */
function sessionPersistence(fields: ReadonlySet<string>): object | undefined {
  if (fields.has("sessionPersistence.cookie"))
    return { type: "Cookie", cookie: { name: "realtime", lifetimeType: "Session" } };
  if (fields.has("sessionPersistence.sessionName"))
    return { sessionName: "realtime", type: "Cookie", cookieConfig: { lifetimeType: "Session" } };
  return undefined;
}

/** Advice for a cluster that allows polling, when the installed schema of HTTPRoute has no session affinity. */
export function routeAdvice(cluster: RealtimeCluster, fields: ReadonlySet<string>): string | undefined {
  if (cluster.spec.exposure.type !== "Gateway" || !cluster.spec.transports.includes("polling")) return undefined;
  // An empty set means that HTTPRoute is not installed. Another condition reports this.
  if (fields.size === 0 || sessionPersistence(fields) !== undefined) return undefined;
  return "polling needs session affinity, and the installed HTTPRoute has no sessionPersistence: install Gateway API's experimental channel, set affinity at your Gateway, or remove polling";
}
