import { Command, InvalidArgumentError } from "commander";
import type { KubeObject } from "../../api/kube-object.ts";
import { realtimeClusters, type RealtimeCluster } from "../../api/realtime-cluster.ts";
import { isReachable, isReady, isTerminating, podsOf } from "../../reconcile/facts/pods.ts";
import { adminTokenOf, command as tell, healthsOf } from "../../gateways/gateway-api.ts";
import { guarded } from "../guarded.ts";
import { reach, withReachOptions, type Reached, type ReachOptions } from "../kube-context.ts";
import { podsOfCluster } from "./status.ts";
import { surplus, type Load } from "../excess-connections.ts";
import type { Surroundings } from "../diff/surroundings.ts";

interface RebalanceOptions extends ReachOptions {
  tolerance: number;
  rounds: number;
  dryRun?: true;
}

/** From the last connection given up to the look that counts where all of them went. */
const settleMs = 3_000;
/** A request says at most this many (the gateway's own bound). */
const mostAtOnce = 1_000_000;

/** `realtime rebalance`: gateways that have more than their share move the surplus elsewhere, at the rate of spec.drain. */
export function rebalanceCommand(surroundings: Surroundings): Command {
  const { exit, wait, write } = surroundings;
  const command = new Command("rebalance")
    .description(
      "spread connections evenly over the gateways, as after a scale-up; exit code 1 when they are still uneven",
    )
    .argument("<name>", "a RealtimeCluster")
    .option("--tolerance <percent>", "how far above the mean a gateway may stay", wholeFrom(1, 100), 10)
    .option("--rounds <count>", "how often to try: what moves may come back", wholeFrom(1, 20), 3)
    .option("--dry-run", "only say what would be moved");
  return withReachOptions(command).action((name: string, { tolerance, rounds, dryRun, ...options }: RebalanceOptions) =>
    guarded(surroundings, 1, async () => {
      const reached = reach(surroundings, options);
      const cluster = await clusterNamed(reached, name);
      const token = dryRun === true ? "" : await adminTokenOf(reached, reached.namespace, name);
      for (let round = 1; ; round++) {
        const { pods, loads } = await loadsOf(reached, name);
        const moves = surplus(loads, tolerance);
        const total = moves.reduce((sum, { connections }) => sum + connections, 0);
        write(
          "out",
          `${loads.map(({ pod, connections }) => `${pod} has ${connections}`).join(", ")}: ${total === 0 ? "even" : `${total} to be moved`}\n`,
        );
        if (total === 0) return;
        if (round > rounds) {
          write(
            "error",
            `still uneven after ${rounds} rounds: clients may be kept where they are by session affinity\n`,
          );
          return exit(1);
        }
        for (const { pod, connections } of moves) {
          write("out", `  ${pod} ${dryRun === true ? "would give" : "gives"} up ${connections}\n`);
          if (dryRun !== true)
            await tell(reached, pods.get(pod) as KubeObject, token, "/shed", {
              connections: Math.min(mostAtOnce, connections),
            });
        }
        if (dryRun === true) return;
        await wait((total / cluster.spec.drain.connectionsPerSecond) * 1000 + settleMs, reached.signal);
        reached.signal.throwIfAborted();
      }
    }),
  );
}

async function clusterNamed({ kube, namespace, signal }: Reached, name: string): Promise<RealtimeCluster> {
  const cluster = await kube.get(realtimeClusters, namespace, name, signal);
  if (cluster === undefined)
    throw new Error(`there is no RealtimeCluster ${name} in namespace ${namespace}: realtime status -A lists them all`);
  return cluster as RealtimeCluster;
}

/** Gateways that take connections, with how many they have. Throws when one does not answer: the mean would be wrong. */
async function loadsOf(reached: Reached, name: string): Promise<{ pods: Map<string, KubeObject>; loads: Load[] }> {
  const serving = podsOf(await podsOfCluster(reached, name), "server").filter(
    (pod) => isReachable(pod) && isReady(pod) && !isTerminating(pod),
  );
  if (serving.length === 0) throw new Error(`no gateway of ${name} is ready: realtime status ${name} says why`);
  const healths = await healthsOf(reached, serving);
  const loads = serving.map(({ metadata: { name: pod } }): Load => {
    const health = healths.get(pod) ?? { problem: "it was not asked" };
    if ("problem" in health) throw new Error(`pod ${pod}: ${health.problem}`);
    return { pod, connections: health.connections };
  });
  return { pods: new Map(serving.map((pod) => [pod.metadata.name, pod])), loads };
}

function wholeFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return value;
  };
}
