import type { Command } from "commander";
import type { ConnectedKube } from "../kube/connect.ts";
import type { Surroundings } from "./surroundings.ts";

/** How a command finds its Kubernetes cluster and namespace, as kubectl calls it. */
export interface ReachOptions {
  namespace?: string;
  context?: string;
  kubeconfig?: string;
}

export function withReachOptions(command: Command): Command {
  return command
    .option("-n, --namespace <name>", "namespace (default: that of the context, then default)")
    .option("--context <name>", "context of the kubeconfig")
    .option("--kubeconfig <file>", "kubeconfig file (default: as kubectl finds it)");
}

export interface Reached extends ConnectedKube {
  namespace: string;
  /** Aborts when the command is to end. */
  signal: AbortSignal;
}

export function reach({ connect, onStop }: Pick<Surroundings, "connect" | "onStop">, { namespace, context, kubeconfig }: ReachOptions): Reached {
  const connected = connect({ ...(context === undefined ? {} : { context }), ...(kubeconfig === undefined ? {} : { kubeconfig }) });
  const stop = new AbortController();
  onStop(() => stop.abort(new Error("ended by a signal")));
  return { ...connected, namespace: namespace ?? connected.namespace ?? "default", signal: stop.signal };
}
