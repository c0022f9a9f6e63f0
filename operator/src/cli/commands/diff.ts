import { Command } from "commander";
import { apiVersion, kind, realtimeClusters, type RealtimeCluster } from "../../api/realtime-cluster.ts";
import { namesOf } from "../../manifests/shared/names.ts";
import { check } from "../../reconcile/checks.ts";
import { desired } from "../../reconcile/desired.ts";
import type { Facts } from "../../reconcile/facts/facts.ts";
import { inputsOf } from "../../reconcile/inputs-of.ts";
import { plan } from "../../reconcile/plan.ts";
import { childChange, comparable, type Change } from "../diff/child-change.ts";
import { liveFacts, namedImages, releaseOf, type ReleaseOptions } from "../cluster-facts.ts";
import { clusterProblems } from "../validate/cluster-problems.ts";
import { consequence } from "../diff/consequence.ts";
import { readDocuments, type ClusterDocument } from "../validate/documents.ts";
import { exitOnError } from "../exit-on-error.ts";
import { paintFor, type Paint } from "../output/paint.ts";
import { openKubeContext, withKubeContextOptions, type KubeContext, type KubeContextOptions } from "../kube-context.ts";
import { withReleaseOptions } from "../release-options.ts";
import type { CommandDeps } from "../command-deps.ts";
import { unifiedDiff } from "../diff/unified-diff.ts";

interface DiffOptions extends KubeContextOptions, ReleaseOptions {
  file: string[];
  fieldManager: string;
}

/**
 * `realtime diff`: shows what would change in the cluster and in its children if a file were applied. It writes
 * nothing.
 */
export function diffCommand(deps: CommandDeps): Command {
  const { exit, readText, write } = deps;
  const command = new Command("diff")
    .description(
      "Show what applying files would change, in every child object too; exit code 1: changes, 2: could not compare",
    )
    .requiredOption("-f, --file <file...>", "files with RealtimeClusters; - reads standard input")
    .option(
      "--field-manager <name>",
      "field manager that applies the file: kubectl, argocd-controller, kustomize-controller, helm",
      "kubectl",
    );
  return withKubeContextOptions(withReleaseOptions(command)).action((options: DiffOptions) =>
    exitOnError(deps, 2, async () => {
      const { clusters, problems } = await readDocuments(options.file, readText);
      const wrong = [
        ...problems,
        ...clusters.flatMap(({ where, object }) => clusterProblems(object).map((problem) => `${where}: ${problem}`)),
      ];
      for (const problem of wrong) write("error", `${problem}\n`);
      if (wrong.length > 0) return exit(2);
      const kubeContext = await openKubeContext(deps, options);
      const paint = paintFor(deps);
      let differences = 0;
      for (const document of clusters) {
        const { changes, notes } = await changesOf(document, options, deps.env, kubeContext);
        differences += changes.length;
        for (const change of changes)
          write("out", painted(unifiedDiff(change.title, change.before, change.after), paint));
        for (const note of notes) write("error", `${document.object.metadata.name}: ${note}\n`);
      }
      if (differences > 0) exit(1);
    }),
  );
}

async function changesOf(
  { object }: ClusterDocument,
  options: DiffOptions,
  env: CommandDeps["env"],
  { kube, namespace: defaultNamespace, signal }: KubeContext,
): Promise<{ changes: Change[]; notes: string[] }> {
  const namespace = object.metadata.namespace ?? defaultNamespace;
  const stored = (await kube.get(realtimeClusters, namespace, object.metadata.name, signal)) as
    RealtimeCluster | undefined;
  const written = { apiVersion, kind, metadata: { ...object.metadata, namespace }, spec: object["spec"] };
  const cluster = (await kube.apply(
    realtimeClusters,
    written,
    { dryRun: true, fieldManager: options.fieldManager },
    signal,
  )) as RealtimeCluster;
  const title = `${kind} ${namespace}/${object.metadata.name}`;
  const own: Change = { title, before: comparable(stored), after: comparable(cluster) };
  const facts = await liveFacts(
    kube,
    { cluster, stored, release: releaseOf(options, env), named: namedImages(options) },
    signal,
  );
  const unreadable = [...facts.secrets.values()].some(({ state }) => state === "unreadable");
  const inputs = unreadable ? { ...inputsOf(facts), ...runningSecretsHash(facts) } : inputsOf(facts);
  const manifests = desired(cluster, inputs);
  const planned = plan(manifests, facts);
  const children: Change[] = [];
  const foreign: string[] = [];
  for (const step of [...planned.steps, ...planned.later]) {
    const change = await childChange(step, cluster, kube, signal);
    if ("foreign" in change) foreign.push(change.foreign);
    else children.push(change);
  }
  const changes = [own, ...children].filter(({ before, after }) => before !== after);
  const problem = check(facts, manifests);
  // The user may not read this Secret, but the operator probably may. So the operator would not stop at this problem.
  const isUsersOwn = problem?.reason === "SecretUnreadable";
  return {
    changes,
    notes: [
      consequence(changes, stored),
      ...(unreadable
        ? [
            "you may not read a Secret that the cluster names, so a change of the Secret (which restarts pods) is not shown",
          ]
        : []),
      ...(problem === undefined || isUsersOwn ? [] : [`the operator would apply nothing more: ${problem.message}`]),
      ...foreign.map((text) => `the operator would apply nothing more: ${text}`),
      ...planned.waiting.map(
        (manifest) =>
          `${manifest.kind} ${manifest.metadata.name} would be created only after its kind is installed in this Kubernetes cluster`,
      ),
      ...(stored?.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"] === undefined
        ? []
        : ["the cluster was applied client-side, so removed fields are not shown; kubectl diff shows them"]),
    ],
  };
}

/**
 * The hash of the cluster's Secrets, as the pod template of the running pods has it. If the user may not read a Secret,
 * the command assumes that the Secret has not changed.
 */
function runningSecretsHash({ children, cluster }: Facts): { secretsHash?: string } {
  const deployment = children.find(
    ({ kind: word, metadata }) => word === "Deployment" && metadata.name === namesOf(cluster).server,
  );
  const { template } = (deployment?.["spec"] ?? {}) as {
    template?: { metadata?: { annotations?: Record<string, string> } };
  };
  const secretsHash = template?.metadata?.annotations?.["realtime.dev/secrets"];
  return secretsHash === undefined ? {} : { secretsHash };
}

function painted(text: string, paint: Paint): string {
  return text.replace(/^(---|\+\+\+|@@|-|\+).*$/gm, (line: string, sign: string) =>
    paint(sign === "-" ? "red" : sign === "+" ? "green" : sign === "@@" ? "cyan" : "bold", line),
  );
}
