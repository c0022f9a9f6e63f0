import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";

/** A background process that writes its output to a log file. */
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

  /** Starts the program as a child process. If this process ends in any way, the kernel kills the child. */
  start(): void {
    const log = openSync(this.#log, "a");
    const child = spawn("setpriv", ["--pdeathsig", "KILL", this.#program, ...this.#args], {
      stdio: ["ignore", log, log],
    });
    child.on("error", () => undefined); // alive() then throws
    closeSync(log);
    this.#child = child;
  }

  /** Returns true while the program runs. Otherwise throws an error with the end of the program's log. */
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

  /** Ends the process and resolves when it has ended. A second call does nothing. */
  async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGCONT");
    child.kill(signal);
    await gone;
  }
}
