import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { CommanderError } from "commander";
import { errorText } from "./cli/exit-on-error.ts";
import { program } from "./cli/program.ts";
import { connect } from "./kube/http/connect.ts";

/** Only commands that ask for signals catch them; all others end at once on a signal. */
function onStop(listener: () => void): void {
  const stop = new AbortController();
  stop.signal.addEventListener("abort", listener, { once: true });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
}

// A reader that closes the pipe early, such as head, is no error.
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
    connect,
    now: Date.now,
    wait: (afterMs, signal) => sleep(afterMs, undefined, { signal }).catch(() => undefined),
  }).parseAsync();
} catch (error) {
  // Commander has already printed this error. Help and version are also reported as errors.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(errorText(error));
    process.exitCode = 1;
  }
}
