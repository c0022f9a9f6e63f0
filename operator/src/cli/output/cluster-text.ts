import type { Condition, RealtimeCluster } from "../../api/realtime-cluster.ts";
import type { ClusterView, PodView } from "./cluster-view.ts";
import type { Paint } from "./paint.ts";
import { ageText, table } from "./table.ts";

type Status = NonNullable<RealtimeCluster["status"]>;

export interface TextOptions {
  paint: Paint;
  nowMs: number;
  wide: boolean;
}

/** One cluster as text. */
export function clusterText(view: ClusterView, options: TextOptions): string {
  const { paint } = options;
  const phase = paint(view.phase === "Ready" ? "green" : "red", view.phase);
  const lines = [`${paint("bold", `${view.namespace}/${view.name}`)}: ${phase}: ${view.message}\n`];
  if (view.url !== undefined) lines.push(`${view.url}\n`);
  if (view.full !== undefined) lines.push(`${paint("yellow", fullText(view.full))}\n`);
  if (view.recovery !== undefined) lines.push(`${recoveryText(view.recovery, paint)}\n`);
  if (view.isOutdated)
    lines.push(
      paint(
        "yellow",
        "the operator has not processed the newest spec yet; if this lasts, check the operator: kubectl get pods -A -l app.kubernetes.io/component=operator",
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

function fullText({ connections, maxConnections }: NonNullable<ClusterView["full"]>): string {
  return `new clients are refused: ${connections} are connected, and spec.limits.maxConnections is ${maxConnections}`;
}

function recoveryText(
  { promisedSeconds = 0, heldSeconds = 0 }: NonNullable<ClusterView["recovery"]>,
  paint: Paint,
): string {
  const text = `messages are kept for clients that return within ${heldSeconds} s`;
  if (heldSeconds >= promisedSeconds) return text;
  return paint("yellow", `${text} instead of the ${promisedSeconds} s of spec.recovery.windowSeconds`);
}

function colourOf(type: string, status: string): "red" | "yellow" | "cyan" {
  if (["Draining", "Rebalancing", "Progressing"].includes(type)) return "cyan";
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

/** Clusters as a table, one row each. */
export function clustersText(
  clusters: readonly RealtimeCluster[],
  { paint, nowMs, wide }: TextOptions,
  namespaces: "one" | "all",
): string {
  const row = (cluster: RealtimeCluster): string[] => [
    ...(namespaces === "all" ? [cluster.metadata.namespace] : []),
    ...cells(cluster, paint, nowMs),
    ...(wide ? readyTexts(cluster) : []),
  ];
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

/** One cluster's cells for the columns that both the normal and the wide table have. */
function cells({ metadata, spec, status = {} }: RealtimeCluster, paint: Paint, nowMs: number): string[] {
  const { connections, drain, url = "" } = status;
  const ready = readyOf(status)?.status ?? "Unknown";
  return [
    metadata.name,
    paint(ready === "True" ? "green" : "red", ready),
    replicasText(spec, status),
    String(connections?.total ?? "?"),
    String(drain?.connectionsLeft ?? 0),
    url,
    ageText((metadata as { creationTimestamp?: string }).creationTimestamp, nowMs),
  ];
}

function replicasText(spec: RealtimeCluster["spec"], { readyReplicas = 0, replicas = 0 }: Status): string {
  return `${readyReplicas}/${spec.autoscaling === undefined ? spec.replicas : replicas}`;
}

function readyOf(status: Status | undefined): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === "Ready");
}

function readyTexts({ status }: RealtimeCluster): string[] {
  const ready = readyOf(status);
  return [ready?.reason ?? "", ready?.message ?? ""];
}
