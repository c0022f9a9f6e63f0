import { Command } from "commander";
import type { KubeObject } from "../../api/kube-object.ts";
import { realtimeClusters, type RealtimeCluster } from "../../api/realtime-cluster.ts";
import { isReachable, isReady, isTerminating, podsOf } from "../../reconcile/facts/pods.ts";
import { REBALANCING, servesClients } from "../../gateways/gateway-health.ts";
import { adminTokenOf, healthsOf, sendCommand } from "../../gateways/gateway-proxy.ts";
import { rebalancePlan, shedCommands, type Load, type RebalancePlan } from "../../gateways/rebalance-plan.ts";
import { exitOnError } from "../exit-on-error.ts";
import { openKubeContext, withKubeContextOptions, type KubeContext, type KubeContextOptions } from "../kube-context.ts";
import { podsOfCluster } from "./status.ts";
import type { CommandDeps } from "../command-deps.ts";
import { wholeFrom } from "../option-values.ts";

interface RebalanceOptions extends KubeContextOptions {
  tolerance: number;
  rounds: number;
  dryRun?: true;
}

/** Within this time, load balancers notice that a gateway is closed, and moved clients reconnect. */
const SETTLE_MS = 15_000;
const ASK_EVERY_MS = 1_000;

/**
 * `realtime rebalance`: gateways with more connections than the mean move the excess to other gateways, at the rate of
 * spec.drain, until all gateways have about the same number.
 */
export function rebalanceCommand(deps: CommandDeps): Command {
  const { exit, write } = deps;
  const command = new Command("rebalance")
    .description("Spread connections evenly over the gateways, for example after a scale-up; exit code 1: still uneven")
    .argument("<name>", "a RealtimeCluster")
    .option("--tolerance <percent>", "largest difference of a gateway from the mean, in percent", wholeFrom(1, 100), 10)
    .option(
      "--rounds <count>",
      "most times to move connections: one is enough unless clients come and go",
      wholeFrom(1, 20),
      3,
    )
    .option("--dry-run", "print what would be moved, and move nothing");
  return withKubeContextOptions(command).action(
    (name: string, { tolerance, rounds, dryRun, ...options }: RebalanceOptions) =>
      exitOnError(deps, 1, async () => {
        const kubeContext = await openKubeContext(deps, options);
        const cluster = await clusterNamed(kubeContext, name);
        const token = dryRun === true ? "" : await adminTokenOf(kubeContext, kubeContext.namespace, name);
        const seen = new Set<string>();
        for (let round = 1; ; round++) {
          const fleet = await fleetOf(kubeContext, name, seen);
          const plan = rebalancePlan(fleet.loads, tolerance);
          const counts = fleet.loads.map(({ pod, connections }) => `${pod} has ${connections}`).join(", ");
          write("out", `${counts}: ${plan === undefined ? "even" : `${plan.total} to move`}\n`);
          if (plan === undefined) return;
          if (round > rounds) {
            write("error", `still uneven after ${rounds} rounds: ${WHY_UNEVEN}\n`);
            return exit(1);
          }
          for (const { pod, connections } of plan.gives)
            write("out", `  ${pod} ${dryRun === true ? "would give" : "gives"} up ${connections}\n`);
          if (dryRun === true) return;
          const { connectionsPerSecond } = cluster.spec.drain;
          await carryOut({ kubeContext, fleet, plan, token, connectionsPerSecond });
          await untilEven(deps, { kubeContext, name, seen, tolerance, plan, connectionsPerSecond });
        }
      }),
  );
}

const WHY_UNEVEN =
  "clients that came back in the last ten minutes are not moved, and session affinity returns polling clients";

interface Fleet {
  pods: ReadonlyMap<string, KubeObject>;
  loads: readonly Load[];
}

interface Round {
  kubeContext: KubeContext;
  fleet: Fleet;
  plan: RebalancePlan;
  token: string;
  connectionsPerSecond: number;
}

async function carryOut({ kubeContext, fleet, plan, token, connectionsPerSecond }: Round): Promise<void> {
  for (const { pod, command } of shedCommands(plan, connectionsPerSecond))
    await sendCommand(kubeContext, fleet.pods.get(pod) as KubeObject, token, command);
}

interface Waiting extends Pick<Round, "kubeContext" | "plan" | "connectionsPerSecond"> {
  name: string;
  seen: Set<string>;
  tolerance: number;
}

/**
 * Waits until the connections are even. It stops waiting after the time that the planned moves need at the rate of
 * spec.drain.
 */
async function untilEven({ wait }: CommandDeps, waiting: Waiting): Promise<void> {
  const { kubeContext, name, seen, tolerance, plan, connectionsPerSecond } = waiting;
  for (let leftMs = (plan.total / connectionsPerSecond) * 1000 + SETTLE_MS; leftMs > 0; leftMs -= ASK_EVERY_MS) {
    await wait(ASK_EVERY_MS, kubeContext.signal);
    kubeContext.signal.throwIfAborted();
    if (rebalancePlan((await fleetOf(kubeContext, name, seen)).loads, tolerance) === undefined) return;
  }
}

async function clusterNamed({ kube, namespace, signal }: KubeContext, name: string): Promise<RealtimeCluster> {
  const cluster = await kube.get(realtimeClusters, namespace, name, signal);
  if (cluster === undefined)
    throw new Error(`there is no RealtimeCluster ${name} in namespace ${namespace}: realtime status -A lists them all`);
  return cluster as RealtimeCluster;
}

/**
 * The gateways that serve clients, with their numbers of connections. A pod that is not ready takes part only if it has
 * taken part before, because after a round it is ready again only seconds later. `seen`: the uids of the pods that have
 * taken part. Throws when a gateway does not answer, because the mean would be wrong.
 */
async function fleetOf(kubeContext: KubeContext, name: string, seen: Set<string>): Promise<Fleet> {
  const running = podsOf(await podsOfCluster(kubeContext, name), "server").filter(
    (pod) => isReachable(pod) && !isTerminating(pod),
  );
  const healths = await healthsOf(kubeContext, running);
  const loads: Load[] = [];
  for (const pod of running) {
    const health = healths.get(pod.metadata.name) ?? { problem: "not asked" };
    if ("problem" in health) {
      if (isReady(pod)) throw new Error(`pod ${pod.metadata.name}: ${health.problem}`);
    } else if (servesClients(health) && (isReady(pod) || health.reason === REBALANCING || seen.has(uidOf(pod)))) {
      seen.add(uidOf(pod));
      loads.push({ pod: pod.metadata.name, connections: health.connections });
    }
  }
  if (loads.length === 0) throw new Error(`no gateway of ${name} is ready: realtime status ${name} shows why`);
  return { pods: new Map(running.map((pod) => [pod.metadata.name, pod])), loads };
}

const uidOf = ({ metadata }: KubeObject): string => metadata.uid ?? metadata.name;
