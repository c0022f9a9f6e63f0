import { spawn } from "node:child_process";

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  input?: string;
  /** With "output", the program's output also appears as the output of this process. */
  show?: "output";
  /** Called with each line that the program writes to standard error. */
  onErrorLine?: (line: string) => void;
}

/**
 * Runs a program and returns its standard output. If the program fails, throws an error with the command, the exit code
 * and the output.
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const out = options.show === "output" ? "inherit" : "pipe";
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["pipe", out, out],
    });
    let stdout = "";
    let stderr = "";
    let line = "";
    child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      const lines = (line + chunk.toString()).split("\n");
      line = lines.pop() ?? "";
      if (options.onErrorLine) lines.forEach(options.onErrorLine);
    });
    child.stdin?.on("error", () => undefined); // the program may end before it has read everything
    child.stdin?.end(options.input ?? "");
    child.on("error", (cause) => reject(new Error(`${program} could not be started: ${cause.message}`, { cause })));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(stdout);
      else
        reject(
          new Error(
            `${program} ${args.join(" ")} ended with ${signal ?? `exit code ${code ?? "?"}`}\n${(stderr || stdout).trim().slice(-4000)}`,
          ),
        );
    });
  });
}

/** Runs a program and returns its trimmed standard output. Undefined when the program is missing or fails. */
export async function output(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string | undefined> {
  try {
    return (await run(program, args, options)).trim();
  } catch {
    return undefined;
  }
}

export async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return (await output(program, args)) !== undefined;
}
