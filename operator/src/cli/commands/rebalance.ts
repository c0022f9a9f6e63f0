import { Command, InvalidArgumentError } from "commander";
import type { KubeObject } from "../../api/kube-object.ts";
import { realtimeClusters, type RealtimeCluster } from "../../api/realtime-cluster.ts";
import { isReachable, isReady, isTerminating, podsOf } from "../../reconcile/facts/pods.ts";
import { adminTokenOf, command as sendCommand, healthsOf } from "../../gateways/gateway-api.ts";
import { exitOnError } from "../exit-on-error.ts";
import { openKubeContext, withKubeContextOptions, type KubeContext, type KubeContextOptions } from "../kube-context.ts";
import { podsOfCluster } from "./status.ts";
import { excessConnections, type Load } from "../excess-connections.ts";
import type { CommandDeps } from "../command-deps.ts";

interface RebalanceOptions extends KubeContextOptions {
  tolerance: number;
  rounds: number;
  dryRun?: true;
}

/** From the last connection given up to the look that counts where all of them went. */
const settleMs = 3_000;
/** A request says at most this many (the gateway's own bound). */
const mostAtOnce = 1_000_000;

/** `realtime rebalance`: gateways that have more than their share move the excessConnections elsewhere, at the rate of spec.drain. */
export function rebalanceCommand(deps: CommandDeps): Command {
  const { exit, wait, write } = deps;
  const command = new Command("rebalance")
    .description(
      "spread connections evenly over the gateways, as after a scale-up; exit code 1 when they are still uneven",
    )
    .argument("<name>", "a RealtimeCluster")
    .option("--tolerance <percent>", "how far above the mean a gateway may stay", wholeFrom(1, 100), 10)
    .option("--rounds <count>", "how often to try: what moves may come back", wholeFrom(1, 20), 3)
    .option("--dry-run", "only say what would be moved");
  return withKubeContextOptions(command).action(
    (name: string, { tolerance, rounds, dryRun, ...options }: RebalanceOptions) =>
      exitOnError(deps, 1, async () => {
        const kubeContext = openKubeContext(deps, options);
        const cluster = await clusterNamed(kubeContext, name);
        const token = dryRun === true ? "" : await adminTokenOf(kubeContext, kubeContext.namespace, name);
        for (let round = 1; ; round++) {
          const { pods, loads } = await loadsOf(kubeContext, name);
          const moves = excessConnections(loads, tolerance);
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
              await sendCommand(kubeContext, pods.get(pod) as KubeObject, token, "/shed", {
                connections: Math.min(mostAtOnce, connections),
              });
          }
          if (dryRun === true) return;
          await wait((total / cluster.spec.drain.connectionsPerSecond) * 1000 + settleMs, kubeContext.signal);
          kubeContext.signal.throwIfAborted();
        }
      }),
  );
}

async function clusterNamed({ kube, namespace, signal }: KubeContext, name: string): Promise<RealtimeCluster> {
  const cluster = await kube.get(realtimeClusters, namespace, name, signal);
  if (cluster === undefined)
    throw new Error(`there is no RealtimeCluster ${name} in namespace ${namespace}: realtime status -A lists them all`);
  return cluster as RealtimeCluster;
}

/** Gateways that take connections, with how many they have. Throws when one does not answer: the mean would be wrong. */
async function loadsOf(
  kubeContext: KubeContext,
  name: string,
): Promise<{ pods: Map<string, KubeObject>; loads: Load[] }> {
  const serving = podsOf(await podsOfCluster(kubeContext, name), "server").filter(
    (pod) => isReachable(pod) && isReady(pod) && !isTerminating(pod),
  );
  if (serving.length === 0) throw new Error(`no gateway of ${name} is ready: realtime status ${name} says why`);
  const healths = await healthsOf(kubeContext, serving);
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
