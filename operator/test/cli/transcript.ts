import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommanderError } from "commander";
import { expect } from "@jest/globals";
import { program } from "../../src/cli/program.ts";
import type { CommandDeps } from "../../src/cli/command-deps.ts";
import { FakeKube } from "../../../testkit/fake-kube/fake-kube.ts";
import { FakePods } from "../../../testkit/fake-kube/fake-pods.ts";

export const repository = join(import.meta.dirname, "../../..");
const folder = join(import.meta.dirname, "../../testdata/cli");

/**
 * Runs commands with a fake Kubernetes API. A command reads files from `files`, or else from the repository. The clock
 * advances only in wait().
 */
export class Stage {
  readonly kube = new FakeKube({ namespaces: ["default", "apps"] });
  readonly pods = new FakePods();
  readonly files = new Map<string, string>();
  isTerminal = false;
  env: Record<string, string> = {};
  nowMs = Date.UTC(2026, 0, 1, 5);
  /** Called when a command starts to wait, with the milliseconds of the wait. It may end the command by stop(). */
  onWait: (afterMs: number) => void = () => undefined;
  readonly #stop = new AbortController();

  stop(): void {
    this.#stop.abort();
  }

  /** Runs one command. Returns its exit code, and its output in the order in which it was written. */
  async run(
    args: readonly string[],
    more: Partial<CommandDeps> = {},
  ): Promise<{ out: string; error: string; transcript: string; code: number }> {
    let [out, error, transcript, code] = ["", "", "", 0];
    const deps: CommandDeps = {
      env: this.env,
      hostName: "host",
      write(to, text) {
        if (to === "out") out += text;
        else error += text;
        transcript += to === "out" ? text : text.replace(/^(?=.)/gm, "! ");
      },
      exit: (value) => void (code = value),
      onStop: (listener) => this.#stop.signal.addEventListener("abort", listener),
      isTerminal: this.isTerminal,
      readText: async (path) => this.files.get(path) ?? readFileSync(join(repository, path), "utf8"),
      connect: async () => ({ kube: this.kube, pods: this.pods, server: "https://fake", namespace: undefined }),
      now: () => this.nowMs,
      wait: async (afterMs) => {
        this.nowMs += afterMs;
        this.onWait(afterMs);
      },
      ...more,
    };
    try {
      await program(deps).parseAsync([...args], { from: "user" });
    } catch (thrown) {
      if (!(thrown instanceof CommanderError)) throw thrown;
      code = thrown.exitCode === 0 ? 0 : 2;
    }
    return { out, error, transcript, code };
  }

  /** The text for a golden file: the command line, its output (lines of stderr begin with !) and the exit code. */
  async transcript(line: string): Promise<string> {
    const { transcript, code } = await this.run(line.split(" "));
    return `$ realtime ${line}\n${transcript}exit code ${code}\n`;
  }
}

export function expectGolden(name: string, text: string): void {
  const path = join(folder, `${name}.txt`);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, text);
  expect(existsSync(path) ? readFileSync(path, "utf8") : "").toBe(text);
}
