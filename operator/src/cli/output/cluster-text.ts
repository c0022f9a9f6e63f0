import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import type { ClusterView, PodView } from "./cluster-view.ts";
import type { Paint } from "./paint.ts";
import { ageText, table } from "./table.ts";

export interface TextOptions {
  paint: Paint;
  nowMs: number;
  wide: boolean;
}

/** One cluster, for a person. */
export function clusterText(view: ClusterView, options: TextOptions): string {
  const { paint } = options;
  const phase = paint(view.phase === "Ready" ? "green" : "red", view.phase);
  const lines = [`${paint("bold", `${view.namespace}/${view.name}`)}: ${phase}: ${view.message}\n`];
  if (view.url !== undefined) lines.push(`${view.url}\n`);
  if (view.isOutdated)
    lines.push(
      paint(
        "yellow",
        "the newest spec has not been looked at yet: where that lasts, kubectl get pods -A -l app.kubernetes.io/component=operator",
      ),
      "\n",
    );
  if (view.conditions.length > 0) {
    lines.push(
      "\n",
      table([
        ["CONDITION", "STATUS", "REASON", "MESSAGE"],
        ...view.conditions.map(({ type, status, reason, message }) => [
          paint(colourOf(type, status), type),
          status,
          reason,
          message,
        ]),
      ]),
    );
  }
  if (view.gateways.length > 0) lines.push("\n", podTable("GATEWAY", view.gateways, options));
  if (view.redis.length > 0) lines.push("\n", podTable("REDIS", view.redis, options));
  return lines.join("");
}

function colourOf(type: string, status: string): "red" | "yellow" | "cyan" {
  if (type === "Draining" || type === "Progressing") return "cyan";
  return ["ConfigurationWarning", "ReconciliationPaused", "UpToDate"].includes(type) || status === "Unknown"
    ? "yellow"
    : "red";
}

function podTable(title: "GATEWAY" | "REDIS", pods: readonly PodView[], { paint, nowMs, wide }: TextOptions): string {
  const isGateway = title === "GATEWAY";
  const row = ({ name, ready, state, connections, restarts, since, node }: PodView): string[] => [
    name,
    ready ? "yes" : paint("red", "no"),
    ...(isGateway ? [connections === undefined ? "?" : String(connections)] : []),
    state,
    String(restarts),
    ageText(since, nowMs),
    ...(wide ? [node ?? ""] : []),
  ];
  return table([
    [title, "READY", ...(isGateway ? ["CONNECTIONS"] : []), "STATE", "RESTARTS", "AGE", ...(wide ? ["NODE"] : [])],
    ...pods.map(row),
  ]);
}

/** Many clusters, a line each. */
export function clustersText(
  clusters: readonly RealtimeCluster[],
  { paint, nowMs, wide }: TextOptions,
  namespaces: "one" | "all",
): string {
  const row = ({ metadata, spec, status }: RealtimeCluster): string[] => {
    const ready = status?.conditions?.find(({ type }) => type === "Ready");
    return [
      ...(namespaces === "all" ? [metadata.namespace] : []),
      metadata.name,
      ready?.status === "True" ? paint("green", "True") : paint("red", ready?.status ?? "Unknown"),
      `${status?.readyReplicas ?? 0}/${spec.autoscaling === undefined ? spec.replicas : (status?.replicas ?? 0)}`,
      String(status?.connections?.total ?? "?"),
      String(status?.drain?.connectionsLeft ?? 0),
      status?.url ?? "",
      ageText((metadata as { creationTimestamp?: string }).creationTimestamp, nowMs),
      ...(wide ? [ready?.reason ?? "", ready?.message ?? ""] : []),
    ];
  };
  const head = [
    ...(namespaces === "all" ? ["NAMESPACE"] : []),
    "NAME",
    "READY",
    "PODS",
    "CONNECTIONS",
    "DRAINING",
    "URL",
    "AGE",
    ...(wide ? ["REASON", "MESSAGE"] : []),
  ];
  return table([head, ...clusters.map(row)]);
}
