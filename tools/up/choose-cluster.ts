// Chooses the kind of cluster for `make up`. "auto" means kind if a docker engine answers, and otherwise the lab. The
// user's current cluster is used only with CLUSTER=current.
import type { ClusterKind } from "../../testkit/cluster/up-state.ts";

/** What this machine has. machine.ts finds it out. */
export interface Machine {
  platform: string;
  root: boolean;
  /** Whether a docker engine answers. The docker command alone is not enough. */
  dockerEngine: boolean;
  kind: boolean;
  /** Whether kubectl and helm are in PATH. The lab does not need them, because it has its own. */
  clients: boolean;
  /** Whether this machine has a Go that can build the lab's Kubernetes. */
  go: boolean;
  /** Whether the cache contains the built programs of the lab's Kubernetes. If so, Go is not needed. */
  labBinaries: boolean;
  /** The name of the current context in KUBECONFIG or ~/.kube/config. */
  kubeContext: string | undefined;
}

export type Choice = { cluster: ClusterKind } | { problem: string };

/** Returns the kind of cluster to use, or a text that says what is missing and how to get it. */
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
