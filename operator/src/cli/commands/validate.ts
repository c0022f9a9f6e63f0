import { Command } from "commander";
import type { KubeObject } from "../../api/kube-object.ts";
import { realtimeClusters } from "../../api/realtime-cluster.ts";
import { ApiError } from "../../kube/errors.ts";
import { check } from "../../reconcile/checks.ts";
import { desired } from "../../reconcile/desired.ts";
import { inputsOf } from "../../reconcile/inputs-of.ts";
import { configurationWarnings } from "../../reconcile/conditions/warnings/configuration-warning.ts";
import { offlineFacts, releaseOf } from "../cluster-facts.ts";
import { clusterProblems } from "../validate/cluster-problems.ts";
import { readDocuments, type ClusterDocument } from "../validate/documents.ts";
import { sharedBetweenFiles } from "../validate/shared-between-files.ts";
import { exitOnError } from "../exit-on-error.ts";
import { openKubeContext, withKubeContextOptions, type KubeContextOptions, type KubeContext } from "../kube-context.ts";
import { unapplied } from "./render.ts";
import type { CommandDeps } from "../command-deps.ts";

interface ValidateOptions extends KubeContextOptions {
  file: string[];
  server?: true;
}

/**
 * `realtime validate`: prints what the API server and the operator would refuse in a file, and what is valid but risky.
 */
export function validateCommand(deps: CommandDeps): Command {
  const { env, exit, readText, write } = deps;
  const command = new Command("validate")
    .description("Check RealtimeCluster files; exit code 1: invalid, 2: could not check")
    .requiredOption("-f, --file <file...>", "files with RealtimeClusters; - reads standard input")
    .option("--server", "also ask the API server by a dry run: stored values, admission, quotas");
  return withKubeContextOptions(command).action((options: ValidateOptions) =>
    exitOnError(deps, 2, async () => {
      const { clusters, others, problems } = await readDocuments(options.file, readText);
      const kubeContext = options.server === true ? await openKubeContext(deps, options) : undefined;
      const valid: ClusterDocument[] = [];
      for (const problem of problems) write("error", `${problem}\n`);
      for (const document of clusters) {
        const wrong = await problemsOf(document, env, kubeContext);
        write("error", wrong.map((problem) => `${document.where}: ${problem}\n`).join(""));
        if (wrong.length > 0) continue;
        valid.push(document);
        reportValid(document, deps);
      }
      reportShared(valid, options.namespace ?? kubeContext?.namespace ?? "default", deps);
      if (others > 0)
        write(
          "error",
          `${others} ${others === 1 ? "object of another kind was" : "objects of other kinds were"} skipped\n`,
        );
      if (problems.length > 0) exit(2);
      else if (valid.length < clusters.length) exit(1);
    }),
  );
}

function reportValid(document: ClusterDocument, { env, write }: CommandDeps): void {
  const { where, object } = document;
  for (const warning of warningsOf(document, env)) write("error", `${where}: warning: ${warning}\n`);
  write("out", `${where}: ${object.kind} ${object.metadata.name} is valid\n`);
}

function reportShared(valid: readonly ClusterDocument[], namespace: string, { write }: CommandDeps): void {
  const placed = valid.map((document) => ({ where: document.where, cluster: unapplied(document, namespace) }));
  for (const { where, warning } of sharedBetweenFiles(placed)) write("error", `${where}: warning: ${warning}\n`);
}

async function problemsOf(
  document: ClusterDocument,
  env: CommandDeps["env"],
  kubeContext: KubeContext | undefined,
): Promise<string[]> {
  const wrong = clusterProblems(document.object);
  if (wrong.length > 0) return wrong;
  // After the check by the schema, run the operator's checks that need only the spec.
  const facts = offlineFacts(unapplied(document, "default"), releaseOf({}, env));
  const problem = check(facts, desired(facts.cluster, inputsOf(facts)));
  if (problem !== undefined) return [problem.message];
  return kubeContext === undefined ? [] : refusalsOf(document.object, kubeContext);
}

async function refusalsOf(object: KubeObject, { kube, namespace, signal }: KubeContext): Promise<string[]> {
  const metadata = { ...object.metadata, namespace: object.metadata.namespace ?? namespace };
  try {
    await kube.apply(realtimeClusters, { ...object, metadata }, { dryRun: true, fieldManager: "kubectl" }, signal);
    return [];
  } catch (error) {
    // With one of these statuses, the API server refuses the object. A 404 means that the object's namespace or kind
    // does not exist.
    if (!(error instanceof ApiError) || ![400, 403, 404, 409, 422].includes(error.status)) throw error;
    const causes = error.causes.map(({ field, message }) => `${field ?? ""}: ${message ?? ""}`);
    return causes.length > 0 ? causes : [error.message];
  }
}

/** The risks that the condition ConfigurationWarning would report. */
function warningsOf(document: ClusterDocument, env: CommandDeps["env"]): string[] {
  const facts = offlineFacts(unapplied(document, "default"), releaseOf({}, env));
  return configurationWarnings(facts).map(({ message }) => message);
}
