import { run, type RunOptions } from "../run.ts";
import type { UpState } from "./up-state.ts";

type Programs = Pick<UpState, "kubeconfig" | "kubectl" | "helm">;

/**
 * Runs kubectl on the cluster of `make up` and returns what it prints. If it fails, throws an error with its output.
 */
export function runKubectl(
  { kubectl: program, kubeconfig }: Programs,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  return run(program, [`--kubeconfig=${kubeconfig}`, ...args], options);
}

/** Runs helm on the cluster of `make up`. */
export function runHelm({ helm: program, kubeconfig }: Programs, args: readonly string[]): Promise<string> {
  return run(program, args, { env: { ...process.env, KUBECONFIG: kubeconfig } });
}
