import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { until } from "../until.ts";
import { testEnvironment, type Ports } from "./gateway-settings.ts";

export interface GatewayProcess extends Ports {
  pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Log entries so far. */
  log(): Record<string, unknown>[];
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const main = join(import.meta.dirname, "../../server/src/main.ts");

/**
 * Starts a gateway in its own process and waits until it listens. `flags` are command-line flags of Node. The default
 * program is the TypeScript source.
 */
export async function startGatewayProcess(
  env: Record<string, string> = {},
  flags: readonly string[] = [],
  program = main,
): Promise<GatewayProcess> {
  const { child, output } = launch({ ...testEnvironment, LOG_LEVEL: "info", ...env }, flags, program);
  const log = () =>
    output.stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const ended = once(child, "exit").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const { publicPort, privatePort } = await until(
    "the gateway to listen",
    async () => {
      if (child.exitCode !== null)
        throw new Error(`the gateway ended with ${child.exitCode}: ${output.stderr}${output.stdout}`);
      return log().find(({ msg }) => msg === "gateway started") as unknown as Ports | undefined;
    },
    60_000,
    20,
  );
  return { publicPort, privatePort, pid: child.pid!, kill: (signal) => void child.kill(signal), ended, log };
}

/** Starts a gateway that is expected to end by itself, and waits for its end. */
export async function runGateway(env: Record<string, string>, flags: readonly string[] = []): Promise<Ended> {
  const { child, output } = launch(env, flags);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...output };
}

function launch(env: Record<string, string>, flags: readonly string[], program = main) {
  // With setpriv --pdeathsig, the kernel kills the gateway when this process ends.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", process.execPath, ...flags, program], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data: Buffer) => (output.stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (output.stderr += data.toString()));
  return { child, output };
}
