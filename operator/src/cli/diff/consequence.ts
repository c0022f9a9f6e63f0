import { parse } from "yaml";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { namesOf } from "../../manifests/shared/names.ts";
import { stableJson } from "../../manifests/shared/stable-hash.ts";
import type { Change } from "./child-change.ts";

/** What a change means for those who are connected: the one thing a person wants to know before applying it. */
export function consequence(changes: readonly Change[], standing: RealtimeCluster | undefined): string {
  if (standing === undefined) return "it does not exist yet and would be made";
  if (changes.length === 0) return "nothing would change";
  const { server, redis } = namesOf(standing);
  const redisTitle = `StatefulSet ${standing.metadata.namespace}/${redis}`;
  const objects = `${changes.length} ${changes.length === 1 ? "object" : "objects"} would change`;
  const replaced = [
    ...(templateChanges(changes, `Deployment ${standing.metadata.namespace}/${server}`)
      ? [
          `gateway pods would be replaced one by one, their connections moved at ${standing.spec.drain.connectionsPerSecond} a second`,
        ]
      : []),
    ...(isGone(changes, redisTitle)
      ? [redisGoes(standing)]
      : templateChanges(changes, redisTitle)
        ? ["Redis would be restarted"]
        : []),
  ];
  if (replaced.length > 0) return `${objects}; ${replaced.join("; ")}`;
  const isLive = changes.some(({ title }) => title === `ConfigMap ${standing.metadata.namespace}/${server}`);
  return `${objects}; no pod would restart${isLive ? ", running gateways take the change over at once" : ""}`;
}

function isGone(changes: readonly Change[], title: string): boolean {
  return changes.some((change) => change.title === title && change.after === "");
}

function redisGoes({ spec }: RealtimeCluster): string {
  const volumes = spec.redis.managed?.dataPolicy === "Retain" ? "its volumes would stay" : "its volumes with it";
  return `Redis would go when no gateway uses it any more, ${volumes}`;
}

function templateChanges(changes: readonly Change[], title: string): boolean {
  const change = changes.find((one) => one.title === title);
  return change !== undefined && change.before !== "" && templateOf(change.before) !== templateOf(change.after);
}

function templateOf(yaml: string): string {
  return yaml === "" ? "" : stableJson((parse(yaml) as { spec?: { template?: unknown } }).spec?.template);
}
