import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { CommanderError } from "commander";
import { errorText } from "./cli/exit-on-error.ts";
import { program } from "./cli/program.ts";

/**
 * Calls the listener on SIGTERM, SIGINT or SIGHUP. Without a listener, these signals end the process at once. So a
 * command that must stop in an orderly way registers one.
 */
function onStop(listener: () => void): void {
  const stop = new AbortController();
  stop.signal.addEventListener("abort", listener, { once: true });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => stop.abort());
}

// A program such as `head` may close our stdout before we have written everything. Exit without an error then.
process.stdout.on("error", () => process.exit());

try {
  await program({
    env: process.env,
    hostName: hostname(),
    write: (to, text) => void (to === "out" ? process.stdout : process.stderr).write(text),
    exit: (code) => void (process.exitCode = code),
    onStop,
    isTerminal: process.stdout.isTTY,
    readText: (path) => (path === "-" ? text(process.stdin) : readFile(path, "utf8")),
    // Import it only for commands that need a cluster, because the import of the client library takes about a second.
    connect: async (options) => (await import("./kube/http/connect.ts")).connect(options),
    now: Date.now,
    wait: (afterMs, signal) => sleep(afterMs, undefined, { signal }).catch(() => undefined),
  }).parseAsync();
} catch (error) {
  // Commander has already printed the error. For --help and --version, it throws an error with exit code 0.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(errorText(error));
    process.exitCode = 1;
  }
}
