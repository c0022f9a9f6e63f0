import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { childProgram } from "./child-program.ts";

/** One entry of a gateway's log. */
export interface LogEntry {
  level: number;
  msg: string;
  [field: string]: unknown;
}

/** A real gateway that runs as a local process for `realtime dev`. */
export interface GatewayProcess {
  name: string;
  publicPort: number;
  privatePort: number;
  /** Resolves when the process has ended. */
  ended: Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Path of the gateway program of this release. In a clone it is the source, and in an installation it is the bundle.
 * Throws when neither exists.
 */
export function gatewayProgram(): string {
  const folder = dirname(createRequire(import.meta.url).resolve("@realtime-operator/server/package.json"));
  const program = ["src/main.ts", "dist/main.mjs"].map((path) => join(folder, path)).find((path) => existsSync(path));
  if (program === undefined)
    throw new Error(`no gateway was found in ${folder}: run "npm run build --workspace server"`);
  return program;
}

export interface GatewayOptions {
  name: string;
  environment: Readonly<Record<string, string>>;
  onLog: (name: string, entry: LogEntry) => void;
}

/** A started gateway process that may not listen yet. */
export interface StartingGateway extends Pick<GatewayProcess, "ended" | "kill"> {
  /** Rejects with the last lines of the gateway's log when the process ends before it listens. */
  listening: Promise<GatewayProcess>;
}

export function startGateway({ name, environment, onLog }: GatewayOptions): StartingGateway {
  const flags = [
    "--disable-warning=ExperimentalWarning",
    "--import",
    pathToFileURL(childProgram("end-with-parent")).href,
  ];
  const child = spawn(process.execPath, [...flags, gatewayProgram()], {
    env: { ...environment, LOG_LEVEL: "info" },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  // Wait for "close": Node does not emit "exit" when it cannot start the process.
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
  const ports = portsOf(child, (entry) => onLog(name, entry));
  return { ended, kill, listening: ports.then((both) => ({ name, ...both, ended, kill })) };
}

function portsOf(
  child: ChildProcess,
  onLog: (entry: LogEntry) => void,
): Promise<{ publicPort: number; privatePort: number }> {
  const words: string[] = [];
  child.stderr!.setEncoding("utf8").on("data", (text: string) => words.push(text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the gateway ended with code ${code}: ${words.join("").trim()}`)));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const entry = entryOf(line);
      if (entry === undefined) return;
      if (entry.level >= FATAL) words.push(line);
      if (entry.msg === "gateway started") resolve(entry as unknown as { publicPort: number; privatePort: number });
      else onLog(entry);
    });
  });
}

const FATAL = 60;

function entryOf(line: string): LogEntry | undefined {
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return undefined;
  }
}
