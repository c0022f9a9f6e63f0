import { Command } from "commander";
import type { KubeObject } from "../../api/kube-object.ts";
import { resources } from "../../api/resources.ts";
import { adminTokenOf, command as sendCommand, healthOf, type GatewayHealth } from "../../gateways/gateway-api.ts";
import { exitOnError } from "../exit-on-error.ts";
import { openKubeContext, withKubeContextOptions, type KubeContext, type KubeContextOptions } from "../kube-context.ts";
import type { CommandDeps } from "../command-deps.ts";

interface DrainOptions extends KubeContextOptions {
  wait: boolean;
}

const lookEveryMs = 1_000;
/** Looks in a row that brought no answer: a gateway whose pod has gone, or that nobody can reach. */
const mostSilences = 5;

/**
 * `realtime drain`: empties one gateway and keeps its pod, to look at it. kubectl delete pod and kubectl drain need no help: the
 * gateway moves its connections on SIGTERM by itself.
 */
export function drainCommand(deps: CommandDeps): Command {
  const { write } = deps;
  const command = new Command("drain")
    .description(
      "have one gateway move its connections to the others; its pod stays, out of service, until it is deleted",
    )
    .argument("<pod>", "a gateway's pod")
    .option("--no-wait", "do not wait until it is empty");
  return withKubeContextOptions(command).action((name: string, { wait, ...options }: DrainOptions) =>
    exitOnError(deps, 1, async () => {
      const kubeContext = openKubeContext(deps, options);
      const pod = await gatewayPod(kubeContext, name);
      const cluster = pod.metadata.labels?.["app.kubernetes.io/instance"] ?? "";
      await sendCommand(kubeContext, pod, await adminTokenOf(kubeContext, kubeContext.namespace, cluster), "/drain");
      if (wait) await followDrain(pod, kubeContext, deps);
      else write("error", `${name} drains: realtime status ${cluster} shows how far it is\n`);
      write("error", `${name} takes no connections any more: kubectl delete pod ${name} puts a new one in its place\n`);
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
    throw new Error(`pod ${name} is no gateway: it lacks the label app.kubernetes.io/name=realtime-gateway`);
  return pod;
}

async function followDrain(pod: KubeObject, kubeContext: KubeContext, { wait, write }: CommandDeps): Promise<void> {
  let shown: number | undefined;
  for (let silences = 0; silences < mostSilences;) {
    const health = await healthOf(kubeContext, pod);
    silences = "problem" in health ? silences + 1 : 0;
    const left = "problem" in health ? undefined : leftOf(health);
    if (left !== undefined && left !== shown)
      write("out", `${pod.metadata.name}: ${left} connections left${secondsText(health as GatewayHealth)}\n`);
    shown = left ?? shown;
    if (left === 0) return;
    await wait(lookEveryMs, kubeContext.signal);
    kubeContext.signal.throwIfAborted();
  }
  throw new Error(
    `${pod.metadata.name} does not answer any more; it had ${shown ?? "an unknown number of"} connections left`,
  );
}

function leftOf({ drain, connections }: GatewayHealth): number {
  return drain?.isDraining === true ? (drain.connectionsLeft ?? connections) : connections;
}

function secondsText({ drain }: GatewayHealth): string {
  return drain?.secondsLeft === undefined || drain.secondsLeft === 0 ? "" : `, about ${drain.secondsLeft} s`;
}
