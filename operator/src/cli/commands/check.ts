import { Command } from "commander";
import { realtimeClusters } from "../../api/realtime-cluster.ts";
import { resources } from "../../api/resources.ts";
import { leases } from "../../kube/lease.ts";
import type { CommandDeps } from "../command-deps.ts";

interface CheckOptions {
  namespace: string;
  lease: string;
  watchNamespaces: string;
}

/** `realtime check`, which `helm test` runs: whether the API server is kubeContext, serves the resource and grants what is needed. */
export function checkCommand({ connect, write, exit }: CommandDeps): Command {
  return new Command("check")
    .description("check that this ServiceAccount can do what the operator does")
    .requiredOption("--namespace <name>", "namespace of the lease")
    .requiredOption("--lease <name>", "name of the lease")
    .option("--watch-namespaces <names>", "namespaces to manage, comma-separated; empty: all", "")
    .action(async ({ namespace, lease, watchNamespaces }: CheckOptions) => {
      const { kube, server } = connect({});
      const scopes = watchNamespaces === "" ? [{}] : watchNamespaces.split(",").map((name) => ({ namespace: name }));
      const checks: [string, () => Promise<unknown>][] = [
        [`lease ${namespace}/${lease}`, () => kube.get(leases, namespace, lease)],
        ...scopes.flatMap((scope) =>
          [realtimeClusters, resources.deployments, resources.statefulSets, resources.configMaps].map(
            (resource): [string, () => Promise<unknown>] => [
              `list ${resource.plural}${"namespace" in scope ? ` in ${scope.namespace}` : ""}`,
              () => kube.list(resource, { ...scope, limit: 1 }),
            ],
          ),
        ),
      ];
      let failed = 0;
      for (const [name, ask] of checks) {
        const problem = await ask().then(
          () => undefined,
          (error: unknown) => (error instanceof Error ? error.message : String(error)),
        );
        if (problem !== undefined) failed += 1;
        write(
          "out",
          `${problem === undefined ? "ok    " : "FAILED"}  ${name}${problem === undefined ? "" : `: ${problem}`}\n`,
        );
      }
      write("out", `${checks.length - failed} of ${checks.length} checks passed at ${server}\n`);
      exit(failed === 0 ? 0 : 1);
    });
}
