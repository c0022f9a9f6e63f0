import type { Command } from "commander";
import type { ConnectedKube } from "../kube/http/connect.ts";
import type { CommandDeps } from "./command-deps.ts";

/** Adds the options that choose the Kubernetes cluster and the namespace. They have the same names as in kubectl. */
export interface KubeContextOptions {
  namespace?: string;
  context?: string;
  kubeconfig?: string;
}

export function withKubeContextOptions(command: Command): Command {
  return command
    .option("-n, --namespace <name>", "namespace (default: that of the context, or the namespace named default)")
    .option("--context <name>", "kubeconfig context")
    .option("--kubeconfig <file>", "kubeconfig file (default: the same as for kubectl)");
}

export interface KubeContext extends ConnectedKube {
  namespace: string;
  /** Aborts on Ctrl-C or SIGTERM. */
  signal: AbortSignal;
}

export async function openKubeContext(
  { connect, env, onStop }: Pick<CommandDeps, "connect" | "env" | "onStop">,
  { namespace, context, kubeconfig }: KubeContextOptions,
): Promise<KubeContext> {
  const connected = await readable(kubeconfig ?? env["KUBECONFIG"] ?? "~/.kube/config", () =>
    connect({
      env,
      ...(context === undefined ? {} : { context }),
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
    }),
  );
  const stop = new AbortController();
  onStop(() => stop.abort(new Error("interrupted")));
  // An empty --namespace counts as if it was not given, as in kubectl: a script passes it when a shell variable is not
  // set.
  return { ...connected, namespace: namespace || connected.namespace || "default", signal: stop.signal };
}

/**
 * Adds the file's name to an error. Keeps only the first line of a YAML parser's message, because the other lines quote
 * the file, which may contain tokens.
 */
async function readable(file: string, connect: () => Promise<ConnectedKube>): Promise<ConnectedKube> {
  try {
    return await connect();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error || error.name === "YAMLException")) throw error;
    throw new Error(`${file}: cannot be read as a kubeconfig: ${error.message.split("\n")[0] ?? ""}`);
  }
}
