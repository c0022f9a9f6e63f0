// Which cluster `make up` uses. auto never touches a cluster that somebody else made: it takes kind where an engine answers,
// and the lab otherwise; `current` has to be asked for by name.
import type { ClusterKind } from "../../testkit/cluster/up-state.ts";

/** What this machine can do; every fact is looked up once, by machine.ts. */
export interface Machine {
  platform: string;
  root: boolean;
  /** A docker engine answered. The client alone is not enough. */
  dockerEngine: boolean;
  kind: boolean;
  /** kubectl and helm are in PATH. The lab brings its own. */
  clients: boolean;
  /** A Go that can build the lab's Kubernetes. */
  go: boolean;
  /** The lab's Kubernetes binaries are in its cache already, so Go is not needed. */
  labBinaries: boolean;
  /** KUBECONFIG or ~/.kube/config names a current context. */
  kubeContext: string | undefined;
}

export type Choice = { cluster: ClusterKind } | { problem: string };

/** The cluster to use, or a sentence that names everything that is missing and what to install. */
export function chooseCluster(wanted: string, machine: Machine): Choice {
  switch (wanted) {
    case "auto":
      return machine.dockerEngine && machine.kind && machine.clients
        ? { cluster: "kind" }
        : chooseCluster("lab", machine);
    case "kind": {
      const missing = [
        machine.dockerEngine ? [] : ["a running docker engine (a docker client alone is not enough)"],
        machine.kind ? [] : ["kind (https://kind.sigs.k8s.io)"],
        machine.clients ? [] : ["kubectl and helm in PATH"],
      ].flat();
      return missing.length === 0
        ? { cluster: "kind" }
        : { problem: `CLUSTER=kind needs ${missing.join(" and ")}. CLUSTER=lab needs none of them.` };
    }
    case "lab": {
      const missing = [
        machine.platform === "linux" ? [] : [`Linux (this is ${machine.platform})`],
        machine.root ? [] : ["root, for namespaces and containers: run it with sudo"],
        machine.go || machine.labBinaries
          ? []
          : ["Go >= 1.26, to build Kubernetes once: https://go.dev/dl, in PATH or /usr/local/go"],
      ].flat();
      return missing.length === 0
        ? { cluster: "lab" }
        : {
            problem: `the lab cluster cannot run here. Missing: ${missing.join("; ")}. Or start a docker engine with kind, or point CLUSTER=current at a cluster of yours.`,
          };
    }
    case "current": {
      const missing = [
        machine.clients ? [] : ["kubectl and helm in PATH"],
        machine.kubeContext !== undefined || !machine.clients
          ? []
          : ["a current context in KUBECONFIG or ~/.kube/config (kubectl config use-context NAME)"],
      ].flat();
      return missing.length === 0
        ? { cluster: "current" }
        : { problem: `CLUSTER=current needs ${missing.join(" and ")}.` };
    }
    default:
      return { problem: `CLUSTER=${wanted} is unknown: use auto, kind, lab or current.` };
  }
}
