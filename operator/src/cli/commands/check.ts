import { Command } from "commander";
import { realtimeClusters } from "../../api/realtime-cluster.ts";
import { resources, type ChildResource } from "../../api/resources.ts";
import type { Kube } from "../../kube/kube.ts";
import { leases } from "../../kube/lease.ts";
import { managedBy, selectorText } from "../../manifests/shared/labels.ts";
import { discoverOptionalKinds, isInstalled } from "../../watches/optional-kinds.ts";
import type { CommandDeps } from "../command-deps.ts";
import { exitOnError } from "../exit-on-error.ts";

interface CheckOptions {
  namespace: string;
  lease: string;
  watchNamespaces: string;
}

interface Check {
  name: string;
  run: () => Promise<unknown>;
}

/**
 * `realtime check`, which `helm test` runs. It checks that the API server answers, and that this ServiceAccount may
 * list every kind.
 */
export function checkCommand(deps: CommandDeps): Command {
  const { connect, env, write, exit, onStop } = deps;
  return new Command("check")
    .description("Check that this ServiceAccount can read the lease and list every kind the operator manages")
    .requiredOption("--namespace <name>", "namespace of the lease")
    .requiredOption("--lease <name>", "name of the lease")
    .option("--watch-namespaces <names>", "namespaces to manage, comma-separated; empty: all", "")
    .action(({ namespace, lease, watchNamespaces }: CheckOptions) =>
      exitOnError(deps, 1, async () => {
        const { kube, server } = await connect({ env });
        const stop = new AbortController();
        onStop(() => stop.abort());
        const checks: Check[] = [
          { name: `lease ${namespace}/${lease}`, run: () => kube.get(leases, namespace, lease, stop.signal) },
          ...listChecks(kube, await listedKinds(kube, stop.signal), watchNamespaces, stop.signal),
        ];
        let failed = 0;
        for (const { name, run } of checks) {
          const problem = await problemOf(run);
          if (problem !== undefined) failed += 1;
          write("out", problem === undefined ? `ok      ${name}\n` : `FAILED  ${name}: ${problem}\n`);
        }
        write("out", `${checks.length - failed} of ${checks.length} checks passed at ${server}\n`);
        exit(failed === 0 ? 0 : 1);
      }),
    );
}

/**
 * Every kind that the operator lists. It includes the optional kinds that are installed. The API server answers
 * discovery without a permission.
 */
async function listedKinds(kube: Kube, signal: AbortSignal): Promise<ChildResource[]> {
  const { events: _createdOnly, ...listed } = resources;
  const kinds = await discoverOptionalKinds(kube, signal);
  return Object.values(listed).filter((resource) => isInstalled(resource, kinds));
}

function listChecks(
  kube: Kube,
  kinds: readonly ChildResource[],
  watchNamespaces: string,
  signal: AbortSignal,
): Check[] {
  const scopes = watchNamespaces === "" ? [{}] : watchNamespaces.split(",").map((namespace) => ({ namespace }));
  const labelSelector = selectorText(managedBy);
  return scopes.flatMap((scope) => {
    const where = "namespace" in scope ? ` in ${scope.namespace}` : "";
    return [
      {
        name: `list ${realtimeClusters.plural}${where}`,
        run: () => kube.list(realtimeClusters, { ...scope, limit: 1 }, signal),
      },
      ...kinds.map((resource) => ({
        name: `list ${resource.plural}${where}`,
        run: () => kube.list(resource, { ...scope, labelSelector, limit: 1 }, signal),
      })),
    ];
  });
}

async function problemOf(run: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
