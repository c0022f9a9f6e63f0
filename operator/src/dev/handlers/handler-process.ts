import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Handled, HostMessage } from "../handler-host/host-message.ts";
import { freePort } from "../ports/free-port.ts";

/** The application's handlers, as a local process. */
export interface HandlerProcess {
  port: number;
  /** Undefined when the file is a server of its own. */
  handled: Handled | undefined;
  /** Resolves when the process has ended. */
  ended: Promise<void>;
  /** Ends the process. Its requests must be finished before. */
  stop(): Promise<void>;
}

export interface HandlerOptions {
  file: string;
  /** The folder in which the process runs. */
  directory: string;
  env: Readonly<Record<string, string | undefined>>;
  secret: string;
  /** Called with every file that the process loads, except those of packages. */
  onLoaded: (file: string) => void;
  /** Called with each line of its output, once it is ready. */
  onLine: (line: string) => void;
  /** Default: 20 s. */
  readyWithinMs?: number;
}

const READY_MS = 20_000;
const STOP_MS = 1_000;

/**
 * Starts the file of handlers as a process. Throws with what the process printed, for example the line with a syntax
 * error, when it ends before it listens.
 */
export async function startHandlers(options: HandlerOptions): Promise<HandlerProcess> {
  const { file, directory, env, secret, onLoaded, readyWithinMs = READY_MS } = options;
  const port = await freePort();
  const flags = ["--disable-warning=ExperimentalWarning", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"];
  const child = spawn(process.execPath, [...flags, hostProgram(), file], {
    cwd: directory,
    env: { ...env, PORT: String(port), HANDLER_SECRET: secret },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const printed = printedBy(child, options);
  const ready = new Promise<Handled | undefined>((resolve) => {
    child.on("message", (message: HostMessage) => {
      if ("loaded" in message) return onLoaded(message.loaded);
      printed.passOn();
      resolve(message.handled);
    });
  });
  const failed = ended.then(() => {
    throw new Error(printed.text());
  });
  const waiting = new AbortController();
  const late = sleep(readyWithinMs, undefined, { ref: false, signal: waiting.signal }).then(() => {
    child.kill("SIGKILL");
    throw new Error(`${file} is not ready after ${readyWithinMs / 1_000} s, because of an await at its top level`);
  });
  // These promises reject after the race is decided. Without a handler for the rejection, Node would exit.
  for (const rejecting of [failed, late]) rejecting.catch(() => undefined);
  const handled = await Promise.race([ready, failed, late]).finally(() => waiting.abort());
  return { port, handled, ended, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const killing = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await gone;
  clearTimeout(killing);
}

/** Keeps the output of a process until it is ready, and passes it on line by line from then on. */
function printedBy(child: ChildProcess, { onLine, file }: HandlerOptions): { text: () => string; passOn: () => void } {
  const lines: string[] = [];
  let isReady = false;
  for (const stream of [child.stdout!, child.stderr!])
    createInterface({ input: stream }).on("line", (line) => void (isReady ? onLine(line) : lines.push(line)));
  return {
    text: () => withoutNodesOwn(lines).join("\n") || `${file} ended before it was ready`,
    passOn() {
      isReady = true;
      for (const line of lines.splice(0)) onLine(line);
    },
  };
}

/** Removes lines about the inside of Node and of our program, which only hide the lines about the user's file. */
function withoutNodesOwn(lines: readonly string[]): string[] {
  const caret = /^node:/.test(lines[0] ?? "") ? lines.findIndex((line) => /^ *\^$/.test(line)) : -1;
  return lines
    .slice(caret + 1)
    .filter((line) => !/^ +at .*(node:|handler-host)|^ +code: '|^\}$|^Node\.js v|^\s*$/.test(line));
}

/** In a clone, the program is a source file. In an installation, it is in the bundle. */
function hostProgram(): string {
  const places = ["../handler-host/main.ts", "handler-host.mjs"].map((path) => join(import.meta.dirname, path));
  return places.find((path) => existsSync(path)) ?? places[0]!;
}
