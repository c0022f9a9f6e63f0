import type { Command } from "commander";
import type { ConnectedKube } from "../kube/http/connect.ts";
import type { CommandDeps } from "./command-deps.ts";

/** How a command finds its Kubernetes cluster and namespace, as kubectl calls it. */
export interface KubeContextOptions {
  namespace?: string;
  context?: string;
  kubeconfig?: string;
}

export function withKubeContextOptions(command: Command): Command {
  return command
    .option("-n, --namespace <name>", "namespace (default: that of the context, then default)")
    .option("--context <name>", "context of the kubeconfig")
    .option("--kubeconfig <file>", "kubeconfig file (default: as kubectl finds it)");
}

export interface KubeContext extends ConnectedKube {
  namespace: string;
  /** Aborts when the command is to end. */
  signal: AbortSignal;
}

export function openKubeContext(
  { connect, env, onStop }: Pick<CommandDeps, "connect" | "env" | "onStop">,
  { namespace, context, kubeconfig }: KubeContextOptions,
): KubeContext {
  const connected = readable(kubeconfig ?? env["KUBECONFIG"] ?? "~/.kube/config", () =>
    connect({ ...(context === undefined ? {} : { context }), ...(kubeconfig === undefined ? {} : { kubeconfig }) }),
  );
  const stop = new AbortController();
  onStop(() => stop.abort(new Error("ended by a signal")));
  // Empty as of a variable that is not set: as for kubectl, it says nothing.
  return { ...connected, namespace: namespace || connected.namespace || "default", signal: stop.signal };
}

/** The file's name stands before what a reader or parser says of it; of that the first line only, because parsers quote, and kubeconfigs hold tokens. */
function readable(file: string, connect: () => ConnectedKube): ConnectedKube {
  try {
    return connect();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error || error.name === "YAMLException")) throw error;
    throw new Error(`${file}: cannot be read as a kubeconfig: ${error.message.split("\n")[0] ?? ""}`);
  }
}
