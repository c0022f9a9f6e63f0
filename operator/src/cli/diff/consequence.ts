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
    ...(templateChanges(changes, `Deployment ${stored.metadata.namespace}/${server}`)
      ? [
          `gateway pods would be replaced one by one, moving ${stored.spec.drain.connectionsPerSecond} connections a second`,
        ]
      : []),
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

function isGone(changes: readonly Change[], title: string): boolean {
  return changes.some((change) => change.title === title && change.after === "");
}

function redisGoes({ spec }: RealtimeCluster): string {
  const volumes =
    spec.redis.managed?.dataPolicy === "Retain" ? "and its volumes would stay" : "and its volumes with it";
  return `Redis would be deleted once no gateway uses it, ${volumes}`;
}

function templateChanges(changes: readonly Change[], title: string): boolean {
  const change = changes.find((one) => one.title === title);
  return change !== undefined && change.before !== "" && templateOf(change.before) !== templateOf(change.after);
}

function templateOf(yaml: string): string {
  return yaml === "" ? "" : stableJson((parse(yaml) as { spec?: { template?: unknown } }).spec?.template);
}
