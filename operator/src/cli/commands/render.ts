import { Command } from "commander";
import { stringify } from "yaml";
import { type KubeObject, textOf } from "../../api/kube-object.ts";
import { realtimeClusters, type RealtimeCluster } from "../../api/realtime-cluster.ts";
import { withDefaults } from "../../api/with-defaults.ts";
import { check } from "../../reconcile/checks.ts";
import { desired } from "../../reconcile/desired.ts";
import type { Facts } from "../../reconcile/facts/facts.ts";
import { inputsOf } from "../../reconcile/inputs-of.ts";
import { liveFacts, namedImages, offlineFacts, releaseOf, type ReleaseOptions } from "../cluster-facts.ts";
import { clusterProblems } from "../validate/cluster-problems.ts";
import { readDocuments, type ClusterDocument } from "../validate/documents.ts";
import { exitOnError } from "../exit-on-error.ts";
import { openKubeContext, withKubeContextOptions, type KubeContextOptions, type KubeContext } from "../kube-context.ts";
import type { CommandDeps } from "../command-deps.ts";
import { withReleaseOptions } from "../release-options.ts";

interface RenderOptions extends KubeContextOptions, ReleaseOptions {
  file: string[];
  showSecrets?: true;
  kube?: true;
}

/**
 * `realtime render`: prints the objects that the operator would apply for a cluster, in the order in which it would
 * apply them.
 */
export function renderCommand(deps: CommandDeps): Command {
  const { env, exit, readText, write } = deps;
  const command = new Command("render")
    .description("Print the objects that the operator would apply for a cluster, in the order in which it applies them")
    .requiredOption("-f, --file <file...>", "files with RealtimeClusters; - reads standard input")
    .option("--show-secrets", "print the values of Secrets")
    .option("--kube", "read the Kubernetes cluster: its installed kinds and existing objects");
  return withKubeContextOptions(withReleaseOptions(command)).action((options: RenderOptions) =>
    exitOnError(deps, 2, async () => {
      const { clusters, problems } = await readDocuments(options.file, readText);
      const wrong = [
        ...problems,
        ...clusters.flatMap(({ where, object }) => clusterProblems(object).map((problem) => `${where}: ${problem}`)),
      ];
      for (const problem of wrong) write("error", `${problem}\n`);
      if (wrong.length > 0) return exit(problems.length > 0 ? 2 : 1);
      const kubeContext = options.kube === true ? await openKubeContext(deps, options) : undefined;
      for (const document of clusters) {
        const facts = await factsOf(document, options, env, kubeContext);
        const manifests = desired(facts.cluster, inputsOf(facts));
        const problem = check(facts, manifests);
        if (problem !== undefined)
          write("error", `${document.where}: the operator would apply nothing more: ${problem.message}\n`);
        // Without a Kubernetes cluster, only the spec can have caused the problem. Objects of an invalid spec are
        // useless, so print none.
        if (problem !== undefined && kubeContext === undefined) {
          exit(1);
          continue;
        }
        for (const manifest of manifests)
          write("out", documentText(manifest, facts.cluster, options.showSecrets === true ? "shown" : "hidden"));
      }
    }),
  );
}

/** A cluster from a file, with the fields that the API server would add to it. */
export function unapplied({ object }: ClusterDocument, namespace: string): RealtimeCluster {
  return withDefaults({
    ...object,
    metadata: { generation: 1, uid: "", ...object.metadata, namespace: object.metadata.namespace ?? namespace },
  }) as RealtimeCluster;
}

async function factsOf(
  document: ClusterDocument,
  options: RenderOptions,
  env: CommandDeps["env"],
  kubeContext: KubeContext | undefined,
): Promise<Facts> {
  const cluster = unapplied(document, options.namespace ?? kubeContext?.namespace ?? "default");
  const release = releaseOf(options, env);
  if (kubeContext === undefined) return offlineFacts(cluster, release);
  const stored = (await kubeContext.kube.get(
    realtimeClusters,
    cluster.metadata.namespace,
    cluster.metadata.name,
    kubeContext.signal,
  )) as RealtimeCluster | undefined;
  const { uid = "", generation = 1 } = stored?.metadata ?? {};
  return liveFacts(
    kubeContext.kube,
    {
      cluster: { ...cluster, metadata: { ...cluster.metadata, uid, generation } },
      stored,
      release,
      named: namedImages(options),
    },
    kubeContext.signal,
  );
}

function documentText(
  manifest: KubeObject,
  { metadata: { uid } }: RealtimeCluster,
  secrets: "shown" | "hidden",
): string {
  const { ownerReferences, ...metadata } = manifest.metadata;
  // Without a uid, the owner does not exist in Kubernetes. Leave out the reference to it: if a user applied the object
  // with the reference, garbage collection would delete the object at once.
  const printed = { ...manifest, metadata: uid === "" ? metadata : { ...metadata, ownerReferences } };
  const shown =
    manifest.kind === "Secret" && secrets === "hidden" ? { ...printed, data: hidden(manifest["data"]) } : printed;
  return `---\n# ${textOf(manifest)}\n${stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

/**
 * Replaces each value of a Secret by text that is not valid base64, so that nobody can apply the printed Secret by
 * mistake.
 */
export function hidden(data: unknown): Record<string, string> {
  return Object.fromEntries(Object.keys(data ?? {}).map((key) => [key, "(hidden)"]));
}
