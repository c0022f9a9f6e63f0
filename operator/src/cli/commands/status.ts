import { Command, Option } from "commander";
import { realtimeClusters, type RealtimeCluster } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { allPages } from "../../kube/list-watch/all-pages.ts";
import type { KubeObject } from "../../api/kube-object.ts";
import { managedBy, selectorText } from "../../manifests/shared/labels.ts";
import { isReachable, podsOf } from "../../reconcile/facts/pods.ts";
import { clustersText, clusterText, type TextOptions } from "../output/cluster-text.ts";
import { clusterView, type ClusterView } from "../output/cluster-view.ts";
import { healthsOf } from "../../gateways/gateway-proxy.ts";
import { exitOnError } from "../exit-on-error.ts";
import { paintFor } from "../output/paint.ts";
import { openKubeContext, withKubeContextOptions, type KubeContext, type KubeContextOptions } from "../kube-context.ts";
import type { CommandDeps } from "../command-deps.ts";

interface StatusOptions extends KubeContextOptions {
  allNamespaces?: true;
  output?: "json" | "wide";
  watch?: true;
}

const WATCH_EVERY_MS = 2_000;
const clearScreen = "\u001b[H\u001b[2J\u001b[3J";

/**
 * `realtime status`: prints a table of clusters. With a name, prints one cluster with its conditions and with what each
 * gateway reports.
 */
export function statusCommand(deps: CommandDeps): Command {
  const { exit, isTerminal, now, wait, write } = deps;
  const command = new Command("status")
    .description("Show cluster status; with NAME, what is wrong and what each gateway reports")
    .argument("[name]", "a RealtimeCluster; without it, list all in the namespace")
    .option("-A, --all-namespaces", "list all namespaces")
    .addOption(new Option("-o, --output <format>", "output format").choices(["json", "wide"]))
    .option("-w, --watch", "refresh every 2 seconds until Ctrl-C");
  return withKubeContextOptions(command).action((name: string | undefined, options: StatusOptions) =>
    exitOnError(deps, 1, async () => {
      if (name !== undefined && options.allNamespaces === true) {
        write("error", "error: NAME and --all-namespaces cannot be combined: give the namespace with -n\n");
        return exit(2);
      }
      const kubeContext = await openKubeContext(deps, options);
      const render = async (): Promise<string> => {
        const text: TextOptions = { paint: paintFor(deps), nowMs: now(), wide: options.output === "wide" };
        const scope = options.allNamespaces === true ? undefined : kubeContext.namespace;
        return name === undefined
          ? listText(await clustersIn(kubeContext, scope), options, text, scope)
          : oneText(await viewOf(kubeContext, name), options, text);
      };
      for (;;) {
        const text = await render().catch((error: unknown) =>
          kubeContext.signal.aborted ? "" : Promise.reject(error instanceof Error ? error : new Error(String(error))),
        );
        if (options.watch === true && isTerminal) write("out", clearScreen);
        write("out", text);
        if (options.watch !== true || kubeContext.signal.aborted) return;
        await wait(WATCH_EVERY_MS, kubeContext.signal);
        if (kubeContext.signal.aborted) return;
      }
    }),
  );
}

async function clustersIn({ kube, signal }: KubeContext, namespace: string | undefined): Promise<RealtimeCluster[]> {
  const scope = namespace === undefined ? {} : { namespace };
  return (await allPages(kube, realtimeClusters, scope, signal)).items as RealtimeCluster[];
}

async function viewOf(
  kubeContext: KubeContext,
  name: string,
): Promise<{ cluster: RealtimeCluster; view: ClusterView }> {
  const { kube, namespace, signal } = kubeContext;
  const cluster = (await kube.get(realtimeClusters, namespace, name, signal)) as RealtimeCluster | undefined;
  if (cluster === undefined)
    throw new Error(`there is no RealtimeCluster ${name} in namespace ${namespace}: realtime status -A lists them all`);
  const pods = await podsOfCluster(kubeContext, name);
  const healths = await healthsOf(kubeContext, podsOf(pods, "server").filter(isReachable));
  return { cluster, view: clusterView(cluster, pods, healths) };
}

/** The gateway and Redis pods of one cluster, sorted by name. */
export async function podsOfCluster({ kube, namespace, signal }: KubeContext, name: string): Promise<KubeObject[]> {
  const labelSelector = selectorText({ ...managedBy, "app.kubernetes.io/instance": name });
  const { items } = await allPages(kube, resources.pods, { namespace, labelSelector }, signal);
  return items.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function oneText(
  { cluster, view }: { cluster: RealtimeCluster; view: ClusterView },
  { output }: StatusOptions,
  text: TextOptions,
): string {
  return output === "json"
    ? `${JSON.stringify({ ...view, status: cluster.status ?? {} }, undefined, 2)}\n`
    : clusterText(view, text);
}

function listText(
  clusters: RealtimeCluster[],
  { output }: StatusOptions,
  text: TextOptions,
  namespace: string | undefined,
): string {
  if (output === "json")
    return `${JSON.stringify(
      clusters.map(({ metadata, status }) => ({
        name: metadata.name,
        namespace: metadata.namespace,
        status: status ?? {},
      })),
      undefined,
      2,
    )}\n`;
  if (clusters.length === 0)
    return `there is no RealtimeCluster${namespace === undefined ? "" : ` in namespace ${namespace}`}\n`;
  return clustersText(clusters, text, namespace === undefined ? "all" : "one");
}
