import type { Status } from "../../api/realtime-cluster.ts";
import type { Facts } from "./facts.ts";
import { isTerminating, podsOf } from "./pods.ts";
import { twoDigits } from "./two-digits.ts";

/**
 * Connections for the status. The total is rounded to two digits, so that small changes do not cause a write. Undefined
 * when no gateway has answered.
 */
export function connectionsOf({ pods, answers, cluster }: Facts): Status["connections"] | undefined {
  const reported = podsOf(pods, "server")
    .filter((pod) => !isTerminating(pod))
    .flatMap((pod) => {
      const connections = answers.get(pod.metadata.uid ?? "")?.connections;
      return connections === undefined ? [] : [{ name: pod.metadata.name, connections }];
    })
    .sort((a, b) => b.connections - a.connections || (a.name < b.name ? -1 : 1));
  const [most] = reported;
  const least = reported.at(-1);
  if (most === undefined || least === undefined) return undefined;
  const total = newestTotal(answers) ?? reported.reduce((sum, { connections }) => sum + connections, 0);
  const before = cluster.status?.connections;
  // Which pod has the most connections and which has the fewest changes all the time. So the status names other pods
  // only when the rounded total changes, or when a named pod no longer exists.
  const isNamed = (name: string | undefined) => reported.some((pod) => pod.name === name);
  const isSame =
    before !== undefined &&
    isNear(total, before.total) &&
    isNamed(before.mostLoadedPod) &&
    isNamed(before.leastLoadedPod) &&
    (before.mostLoadedPod === before.leastLoadedPod) === (reported.length === 1);
  return isSame ? before : { total: twoDigits(total), mostLoadedPod: most.name, leastLoadedPod: least.name };
}

/**
 * The count of the whole cluster in the newest answer. During a rollout the answers of single gateways are up to half a
 * minute apart, and their sum counts moved clients twice or not at all.
 */
function newestTotal(answers: Facts["answers"]): number | undefined {
  const counted = [...answers.values()].filter(({ clusterConnections }) => clusterConnections !== undefined);
  return counted.toSorted((a, b) => b.askedAtMs - a.askedAtMs)[0]?.clusterConnections;
}

/**
 * The recovery window for the status. `heldSeconds` is how long gateways now keep messages for clients that reconnect:
 * the shortest time of all gateways, rounded down to tenths of the promised time, so that small changes do not cause a
 * write. Undefined when recovery is off or no gateway has reported.
 */
export function recoveryOf({ pods, answers, cluster }: Facts): Status["recovery"] | undefined {
  const promisedSeconds = cluster.spec.recovery.windowSeconds;
  const held = podsOf(pods, "server")
    .filter((pod) => !isTerminating(pod))
    .flatMap((pod) => answers.get(pod.metadata.uid ?? "")?.recovery?.windowSeconds ?? []);
  if (promisedSeconds === 0 || held.length === 0) return undefined;
  const tenths = Math.floor((10 * Math.min(...held)) / promisedSeconds);
  return { promisedSeconds, heldSeconds: Math.floor((Math.min(10, tenths) * promisedSeconds) / 10) };
}

/**
 * Whether the count differs from the shown number by less than one step of the second digit. If every new rounding
 * counted, a count near a rounding boundary would change the status again and again.
 */
function isNear(count: number, shown = -1): boolean {
  return Math.abs(count - shown) < (shown < 100 ? 1 : 10 ** (String(shown).length - 2));
}
