import { parse } from "yaml";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { namesOf } from "../../manifests/shared/names.ts";
import { stableJson } from "../../manifests/shared/stable-hash.ts";
import type { Change } from "./child-change.ts";

/** What a change means for connected clients. */
export function consequence(changes: readonly Change[], stored: RealtimeCluster | undefined): string {
  if (stored === undefined) return "it does not exist yet and would be created";
  if (changes.length === 0) return "nothing would change";
  const { server, redis } = namesOf(stored);
  const redisTitle = `StatefulSet ${stored.metadata.namespace}/${redis}`;
  const objects = `${changes.length} ${changes.length === 1 ? "object" : "objects"} would change`;
  const replaced = [
    ...(templateChanges(changes, `Deployment ${stored.metadata.namespace}/${server}`) ? [gatewaysGo(stored)] : []),
    ...(isGone(changes, redisTitle)
      ? [redisGoes(stored)]
      : templateChanges(changes, redisTitle)
        ? ["Redis would be restarted"]
        : []),
  ];
  if (replaced.length > 0) return `${objects}; ${replaced.join("; ")}`;
  const isLive = changes.some(({ title }) => title === `ConfigMap ${stored.metadata.namespace}/${server}`);
  return `${objects}; no pod would restart${isLive ? ", running gateways apply the change at once" : ""}`;
}

/**
 * In a rolling update, a moved client may reach an old pod, which moves the client again when it is replaced itself. If
 * N pods get equal numbers of clients, a client moves (1 + 1/N)^N - 1 times on average.
 */
function gatewaysGo({ spec, status }: RealtimeCluster): string {
  const { connectionsPerSecond } = spec.drain;
  const isAtOnce = spec.rollout.strategy === "AllAtOnce";
  const pods = Math.max(1, status?.replicas ?? 0, spec.replicas);
  const moves = isAtOnce ? 1 : (1 + 1 / pods) ** pods - 1;
  const connections = status?.connections?.total;
  const seconds = connections === undefined ? undefined : Math.ceil((connections * moves) / connectionsPerSecond);
  const how = isAtOnce ? "would be replaced all at once" : "would be replaced one by one";
  const often = isAtOnce || pods === 1 ? "once" : `${moves.toFixed(1)} times on average`;
  const time = seconds === undefined ? "" : `, in about ${seconds} s plus the time in which the pods start`;
  return `gateway pods ${how}: each connection moves ${often}, ${connectionsPerSecond} a second${time}`;
}

function isGone(changes: readonly Change[], title: string): boolean {
  return changes.some((change) => change.title === title && change.after === "");
}

function redisGoes({ spec }: RealtimeCluster): string {
  const volumes =
    spec.redis.managed?.dataPolicy === "Retain" ? "and its volumes would stay" : "and its volumes would be deleted too";
  return `Redis would be deleted once no gateway uses it, ${volumes}`;
}

function templateChanges(changes: readonly Change[], title: string): boolean {
  const change = changes.find((one) => one.title === title);
  return change !== undefined && change.before !== "" && templateOf(change.before) !== templateOf(change.after);
}

function templateOf(yaml: string): string {
  return yaml === "" ? "" : stableJson((parse(yaml) as { spec?: { template?: unknown } }).spec?.template);
}
