import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";

/** A background process with its output in a file. */
export class Daemon {
  readonly name: string;
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #log: string;
  #child: ChildProcess | undefined;

  constructor(name: string, program: string, args: readonly string[], log: string) {
    this.name = name;
    this.#program = program;
    this.#args = args;
    this.#log = log;
  }

  /** Starts the program as a child. The kernel kills it when this process ends. */
  start(): void {
    const log = openSync(this.#log, "a");
    const child = spawn("setpriv", ["--pdeathsig", "KILL", this.#program, ...this.#args], {
      stdio: ["ignore", log, log],
    });
    child.on("error", () => undefined); // alive() reports it
    closeSync(log);
    this.#child = child;
  }

  /** Throws with the end of the program's log when the program no longer runs. */
  alive(): true {
    const child = this.#child;
    if (child === undefined || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
      throw new Error(
        `${this.name} is not running. The end of ${this.#log}:\n${readFileSync(this.#log, "utf8").slice(-2000)}`,
      );
    }
    return true;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Resolves when the process has ended. Can be called again. */
  async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGCONT");
    child.kill(signal);
    await gone;
  }
}
