// Chooses the cluster of `make up`. auto means kind when a docker engine answers, and the lab otherwise. It uses an
// existing cluster of the user only with CLUSTER=current.
import type { ClusterKind } from "../../testkit/cluster/up-state.ts";

/** What this machine has, as found by machine.ts. */
export interface Machine {
  platform: string;
  root: boolean;
  /** A docker engine answered. The client alone is not enough. */
  dockerEngine: boolean;
  kind: boolean;
  /** kubectl and helm are in PATH. The lab brings its own. */
  clients: boolean;
  /** Whether there is a Go that can build the lab's Kubernetes. */
  go: boolean;
  /** Whether the cache has the lab's Kubernetes. Then Go is not needed. */
  labBinaries: boolean;
  /** The current context of KUBECONFIG or ~/.kube/config. */
  kubeContext: string | undefined;
}

export type Choice = { cluster: ClusterKind } | { problem: string };

/** The cluster to use, or a sentence that names everything that is missing and how to get it. */
export function chooseCluster(wanted: string, machine: Machine): Choice {
  switch (wanted) {
    case "auto":
      return missingForKind(machine).length === 0 ? { cluster: "kind" } : chooseCluster("lab", machine);
    case "kind":
      return choice("kind", missingForKind(machine), (missing) => {
        return `CLUSTER=kind needs ${missing.join(" and ")}. CLUSTER=lab needs none of them.`;
      });
    case "lab":
      return choice("lab", missingForLab(machine), (missing) => {
        const others = "Or install kind and start a docker engine, or use your own cluster with CLUSTER=current.";
        return `the lab cluster cannot run here. Missing: ${missing.join("; ")}. ${others}`;
      });
    case "current":
      return choice("current", missingForCurrent(machine), (missing) => {
        return `CLUSTER=current needs ${missing.join(" and ")}.`;
      });
    default:
      return { problem: `CLUSTER=${wanted} is unknown: use auto, kind, lab or current.` };
  }
}

function choice(
  cluster: ClusterKind,
  missing: readonly string[],
  problem: (missing: readonly string[]) => string,
): Choice {
  return missing.length === 0 ? { cluster } : { problem: problem(missing) };
}

function missingForKind({ dockerEngine, kind, clients }: Machine): string[] {
  return missingOf([
    [dockerEngine, "a running docker engine (a docker client alone is not enough)"],
    [kind, "kind (https://kind.sigs.k8s.io)"],
    [clients, "kubectl and helm in PATH"],
  ]);
}

function missingForLab({ platform, root, go, labBinaries }: Machine): string[] {
  return missingOf([
    [platform === "linux", `Linux (this is ${platform})`],
    [root, "root, for namespaces and containers: run it with sudo"],
    [go || labBinaries, "Go >= 1.26, to build Kubernetes once: https://go.dev/dl, in PATH or /usr/local/go"],
  ]);
}

function missingForCurrent({ clients, kubeContext }: Machine): string[] {
  return missingOf([
    [clients, "kubectl and helm in PATH"],
    [
      !clients || kubeContext !== undefined,
      "a current context in KUBECONFIG or ~/.kube/config (kubectl config use-context NAME)",
    ],
  ]);
}

function missingOf(needs: readonly (readonly [has: boolean, what: string])[]): string[] {
  return needs.filter(([has]) => !has).map(([, what]) => what);
}
