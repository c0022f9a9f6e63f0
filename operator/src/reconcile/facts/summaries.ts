import type { Status } from "../../api/realtime-cluster.ts";
import type { Facts } from "./facts.ts";
import { isTerminating, podsOf } from "./pods.ts";

/**
 * Connections for the status, rounded to two digits, because small changes must not write the status. Undefined while
 * no gateway has answered.
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
  const total = reported.reduce((sum, { connections }) => sum + connections, 0);
  const before = cluster.status?.connections;
  // The fullest pod changes all the time. So the status gets a new name only together with a new rounded number, or
  // when the named pod is gone.
  const isNamed = (name: string | undefined) => reported.some((pod) => pod.name === name);
  const isSame =
    before !== undefined &&
    isNear(total, before.total) &&
    isNamed(before.mostLoadedPod) &&
    isNamed(before.leastLoadedPod) &&
    (before.mostLoadedPod === before.leastLoadedPod) === (reported.length === 1);
  return isSame ? before : { total: twoDigits(total), mostLoadedPod: most.name, leastLoadedPod: least.name };
}

/** The drains of terminating gateways and of running ones. Undefined when no gateway drains. */
export function drainOf({ pods, answers, cluster }: Facts): Status["drain"] | undefined {
  const draining = podsOf(pods, "server").filter(
    (pod) => isTerminating(pod) || answers.get(pod.metadata.uid ?? "")?.isDraining === true,
  );
  if (draining.length === 0) return undefined;
  const left = draining.reduce((sum, pod) => sum + (answers.get(pod.metadata.uid ?? "")?.connections ?? 0), 0);
  return {
    pods: draining.length,
    connectionsLeft: twoDigits(left),
    secondsLeft: twoDigits(Math.ceil(left / cluster.spec.drain.connectionsPerSecond)),
  };
}

/**
 * How long messages are kept for clients that return. What is held is that of the gateway with the least, rounded down
 * to tenths, so that small changes do not write the status. Undefined while recovery is off or no gateway has reported.
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
 * Whether the count is within one step of the shown number's second digit. Otherwise a count near a rounding boundary
 * would change the status all the time.
 */
function isNear(count: number, shown = -1): boolean {
  return Math.abs(count - shown) < (shown < 100 ? 1 : 10 ** (String(shown).length - 2));
}

/** Rounds to two significant digits: 12345 → 12000. */
export function twoDigits(count: number): number {
  return count < 100 ? count : Number(count.toPrecision(2));
}
