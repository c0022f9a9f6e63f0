import { Command, InvalidArgumentError } from "commander";
import type { KubeObject } from "../../api/kube-object.ts";
import { realtimeClusters, type RealtimeCluster } from "../../api/realtime-cluster.ts";
import { isReachable, isReady, isTerminating, podsOf } from "../../reconcile/facts/pods.ts";
import { adminTokenOf, healthsOf, sendCommand } from "../../gateways/gateway-proxy.ts";
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

/** Moved clients need this time to reconnect before the next count. */
const SETTLE_MS = 3_000;
/** The gateway refuses to move more connections than this in one request. */
const MAX_PER_REQUEST = 1_000_000;

/** `realtime rebalance`: each gateway above the mean moves its excess connections at the rate of spec.drain. */
export function rebalanceCommand(deps: CommandDeps): Command {
  const { exit, wait, write } = deps;
  const command = new Command("rebalance")
    .description("Spread connections evenly over the gateways, for example after a scale-up; exit code 1: still uneven")
    .argument("<name>", "a RealtimeCluster")
    .option("--tolerance <percent>", "how far above the mean a gateway may be", wholeFrom(1, 100), 10)
    .option("--rounds <count>", "number of moves to try: clients may reconnect to a full gateway", wholeFrom(1, 20), 3)
    .option("--dry-run", "print what would be moved, and move nothing");
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
            `${loads.map(({ pod, connections }) => `${pod} has ${connections}`).join(", ")}: ${total === 0 ? "even" : `${total} to move`}\n`,
          );
          if (total === 0) return;
          if (round > rounds) {
            write(
              "error",
              `still uneven after ${rounds} rounds: session affinity may return clients to the same pod\n`,
            );
            return exit(1);
          }
          for (const { pod, connections } of moves) {
            write("out", `  ${pod} ${dryRun === true ? "would give" : "gives"} up ${connections}\n`);
            if (dryRun !== true)
              await sendCommand(kubeContext, pods.get(pod) as KubeObject, token, {
                path: "/shed",
                connections: Math.min(MAX_PER_REQUEST, connections),
              });
          }
          if (dryRun === true) return;
          await wait((total / cluster.spec.drain.connectionsPerSecond) * 1000 + SETTLE_MS, kubeContext.signal);
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

/** The connection count of each serving gateway. Throws when one does not answer, because the mean would be wrong. */
async function loadsOf(
  kubeContext: KubeContext,
  name: string,
): Promise<{ pods: Map<string, KubeObject>; loads: Load[] }> {
  const serving = podsOf(await podsOfCluster(kubeContext, name), "server").filter(
    (pod) => isReachable(pod) && isReady(pod) && !isTerminating(pod),
  );
  if (serving.length === 0) throw new Error(`no gateway of ${name} is ready: realtime status ${name} shows why`);
  const healths = await healthsOf(kubeContext, serving);
  const loads = serving.map(({ metadata: { name: pod } }): Load => {
    const health = healths.get(pod) ?? { problem: "not asked" };
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
