import type { ConnectedKube, ConnectOptions } from "../kube/http/connect.ts";

/** Everything that a command needs from the process in which it runs. Tests pass substitutes. */
export interface CommandDeps {
  env: Readonly<Record<string, string | undefined>>;
  hostName: string;
  /** "out" is stdout, for the output that the user requested. "error" is stderr, for all other text. */
  write: (to: "out" | "error", text: string) => void;
  /** Sets the exit code; docs/cli.md explains each code. `dev --once` returns the exit code of its command. */
  exit: (code: number) => void;
  /** Called once on the first SIGTERM, SIGINT or SIGHUP. */
  onStop: (listener: () => void) => void;
  isTerminal: boolean;
  /** The text of a file; "-" is standard input. */
  readText: (path: string) => Promise<string>;
  /** Finds the API server as kubectl does. Rejects when there is no kubeconfig and no ServiceAccount. */
  connect: (options: ConnectOptions) => Promise<ConnectedKube>;
  now: () => number;
  /** Waits for this many milliseconds. Resolves early, without an error, when the signal aborts. */
  wait: (afterMs: number, signal: AbortSignal) => Promise<void>;
}
