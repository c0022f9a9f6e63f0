import type { Status } from "../../api/realtime-cluster.ts";
import type { Facts } from "./facts.ts";
import { isTerminating, podsOf } from "./pods.ts";

/**
 * Connections as the status has them: two digits, so that a status is written when a person would see a difference.
 * Undefined while no gateway has told.
 */
export function connectionsOf({ pods, answers, cluster }: Facts): Status["connections"] | undefined {
  const told = podsOf(pods, "server")
    .filter((pod) => !isTerminating(pod))
    .flatMap((pod) => {
      const connections = answers.get(pod.metadata.uid ?? "")?.connections;
      return connections === undefined ? [] : [{ name: pod.metadata.name, connections }];
    })
    .sort((a, b) => b.connections - a.connections || (a.name < b.name ? -1 : 1));
  const [most] = told;
  const least = told.at(-1);
  if (most === undefined || least === undefined) return undefined;
  const total = told.reduce((sum, { connections }) => sum + connections, 0);
  const before = cluster.status?.connections;
  // Which pod has the most changes with every client; the names follow only when the figure does, or when they cannot
  // be right.
  const isNamed = (name: string | undefined) => told.some((pod) => pod.name === name);
  const isSame =
    before !== undefined &&
    isNear(total, before.total) &&
    isNamed(before.mostLoadedPod) &&
    isNamed(before.leastLoadedPod) &&
    (before.mostLoadedPod === before.leastLoadedPod) === (told.length === 1);
  return isSame ? before : { total: twoDigits(total), mostLoadedPod: most.name, leastLoadedPod: least.name };
}

/**
 * The drains that are going on: terminating gateways, and those that drain while they still run. Undefined when there
 * are none.
 */
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

/** Within one step of the second digit: a number that sways about the edge of a rounding is not news each time. */
function isNear(count: number, shown = -1): boolean {
  return Math.abs(count - shown) < (shown < 100 ? 1 : 10 ** (String(shown).length - 2));
}

/** 12345 → 12000: rounded to two significant digits. */
export function twoDigits(count: number): number {
  return count < 100 ? count : Number(count.toPrecision(2));
}
