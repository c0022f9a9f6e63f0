import type { Condition, RealtimeCluster, Status } from "../../api/realtime-cluster.ts";
import type { Logger } from "../../kube/logger.ts";
import { isBad, waitsAtFirst } from "./events.ts";

/** Logs each condition that has another status or reason than before; of a new cluster, only the bad ones. */
export function logTransitions(cluster: RealtimeCluster, { conditions = [] }: Status, logger: Logger): void {
  const { namespace, name, generation } = cluster.metadata;
  for (const condition of conditions) {
    const was = cluster.status?.conditions?.find(({ type }) => type === condition.type);
    if (!isWorthALine(condition, was)) continue;
    const { type, status, reason, message } = condition;
    const fields = { cluster: `${namespace}/${name}`, generation, condition: type, status, was: was?.status };
    const level = isBad(condition) ? "warn" : "info";
    logger[level]({ ...fields, reason, text: message }, "condition changed");
  }
}

function isWorthALine(condition: Condition, was: Condition | undefined): boolean {
  if (was === undefined) return isBad(condition) && !waitsAtFirst.has(condition.type);
  return was.status !== condition.status || was.reason !== condition.reason;
}
