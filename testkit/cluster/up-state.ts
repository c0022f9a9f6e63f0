import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

export type ClusterKind = "kind" | "lab" | "current";

/** How to reach the cluster that `make up` has started. `make down`, `make status` and the end-to-end tests read it. */
export interface UpState {
  cluster: ClusterKind;
  kubeconfig: string;
  kubectl: string;
  helm: string;
  /** IP address of the ingress controller. It listens on port 80. */
  ingressAddress: string;
  operatorImage: string;
  gatewayImage: string;
  redisImage: string;
}

/**
 * Path of the file with this state. With another LAB_STATE the file is in another folder, so a second cluster can run.
 */
export function stateFile(env: NodeJS.ProcessEnv): string {
  const folder =
    env["LAB_STATE"] ?? join(env["XDG_STATE_HOME"] ?? join(homedir(), ".local/state"), "realtime-operator");
  return join(folder, "up.json");
}

export function readState(env: NodeJS.ProcessEnv): UpState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(env), "utf8")) as UpState;
  } catch {
    return undefined;
  }
}

export function writeState(env: NodeJS.ProcessEnv, state: UpState): void {
  mkdirSync(dirname(stateFile(env)), { recursive: true });
  writeFileSync(stateFile(env), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
}

export function forgetState(env: NodeJS.ProcessEnv): void {
  rmSync(stateFile(env), { force: true });
}
