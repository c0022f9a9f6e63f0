import type { ConnectedKube, ConnectOptions } from "../kube/http/connect.ts";

/** What a command may touch of the process it runs in; tests give their own. */
export interface CommandDeps {
  env: Readonly<Record<string, string | undefined>>;
  hostName: string;
  /** "out" is what was asked for, "error" all else. */
  write: (to: "out" | "error", text: string) => void;
  /** Sets the exit code: 0 fine, 1 it failed or there are differences, 2 wrong use. */
  exit: (code: 0 | 1 | 2) => void;
  /** Called once on the first SIGTERM or SIGINT. */
  onStop: (listener: () => void) => void;
  isTerminal: boolean;
  /** The text of a file; "-" is standard input. */
  readText: (path: string) => Promise<string>;
  /** Kubernetes as kubectl would reach it. Throws when there is no configuration to follow. */
  connect: (options: ConnectOptions) => ConnectedKube;
  now: () => number;
  /** Resolves after the time, or early when the signal aborts. */
  wait: (afterMs: number, signal: AbortSignal) => Promise<void>;
}
