import { Command } from "commander";
import type { KubeObject } from "../../api/kube-object.ts";
import { resources } from "../../api/resources.ts";
import { adminTokenOf, healthOf, sendCommand } from "../../gateways/gateway-proxy.ts";
import type { GatewayHealth } from "../../gateways/gateway-health.ts";
import { exitOnError } from "../exit-on-error.ts";
import { openKubeContext, withKubeContextOptions, type KubeContext, type KubeContextOptions } from "../kube-context.ts";
import type { CommandDeps } from "../command-deps.ts";

interface DrainOptions extends KubeContextOptions {
  wait: boolean;
}

const POLL_EVERY_MS = 1_000;
/** After this many polls in a row without an answer, the command reports that the gateway has ended. */
const MAX_MISSED_POLLS = 5;

/**
 * `realtime drain`: empties one gateway and keeps its pod, so that a person can inspect it. It is not needed before
 * `kubectl delete pod` or `kubectl drain`: a gateway that gets SIGTERM moves its connections by itself.
 */
export function drainCommand(deps: CommandDeps): Command {
  const { write } = deps;
  const command = new Command("drain")
    .description("Move one gateway's connections to the others; its pod stays out of service until it is deleted")
    .argument("<pod>", "a gateway pod")
    .option("--no-wait", "return at once instead of waiting until the gateway has no connections");
  return withKubeContextOptions(command).action((name: string, { wait, ...options }: DrainOptions) =>
    exitOnError(deps, 1, async () => {
      const kubeContext = await openKubeContext(deps, options);
      const pod = await gatewayPod(kubeContext, name);
      const cluster = pod.metadata.labels?.["app.kubernetes.io/instance"] ?? "";
      await sendCommand(kubeContext, pod, await adminTokenOf(kubeContext, kubeContext.namespace, cluster), {
        path: "/drain",
      });
      if (wait) await followDrain(pod, kubeContext, deps);
      else
        write(
          "error",
          `${name} is draining: realtime status ${cluster} -n ${kubeContext.namespace} shows the progress\n`,
        );
      write(
        "error",
        `${name} accepts no new connections: kubectl -n ${kubeContext.namespace} delete pod ${name} replaces it\n`,
      );
    }),
  );
}

async function gatewayPod({ kube, namespace, signal }: KubeContext, name: string): Promise<KubeObject> {
  const pod = await kube.get(resources.pods, namespace, name, signal);
  if (pod === undefined)
    throw new Error(
      `there is no pod ${name} in namespace ${namespace}: realtime status NAME lists the gateways of a cluster`,
    );
  if (pod.metadata.labels?.["app.kubernetes.io/name"] !== "realtime-gateway")
    throw new Error(`pod ${name} is not a gateway: it lacks the label app.kubernetes.io/name=realtime-gateway`);
  return pod;
}

async function followDrain(pod: KubeObject, kubeContext: KubeContext, { wait, write }: CommandDeps): Promise<void> {
  let shown: number | undefined;
  for (let missedPolls = 0; missedPolls < MAX_MISSED_POLLS;) {
    const health = await healthOf(kubeContext, pod);
    missedPolls = "problem" in health ? missedPolls + 1 : 0;
    const left = "problem" in health ? undefined : leftOf(health);
    if (left !== undefined && left !== shown)
      write("out", `${pod.metadata.name}: ${left} connections left${secondsText(health as GatewayHealth)}\n`);
    shown = left ?? shown;
    if (left === 0) return;
    await wait(POLL_EVERY_MS, kubeContext.signal);
    kubeContext.signal.throwIfAborted();
  }
  throw new Error(`${pod.metadata.name} stopped answering with ${shown ?? "an unknown number of"} connections left`);
}

function leftOf({ drain, connections }: GatewayHealth): number {
  return drain?.isDraining === true ? (drain.connectionsLeft ?? connections) : connections;
}

function secondsText({ drain }: GatewayHealth): string {
  return drain?.secondsLeft === undefined || drain.secondsLeft === 0 ? "" : `, about ${drain.secondsLeft} s`;
}
