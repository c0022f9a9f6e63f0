import { hostname } from "node:os";
import { program } from "./cli/program.ts";

const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());

try {
  await program({
    env: process.env,
    hostName: hostname(),
    write: (to, text) => void (to === "out" ? process.stdout : process.stderr).write(text),
    exit: (code) => void (process.exitCode = code),
    onStop: (listener) => stop.signal.addEventListener("abort", listener, { once: true }),
    isTerminal: process.stdout.isTTY,
  }).parseAsync();
} catch (error) {
  for (let cause = error; cause instanceof Error; cause = cause.cause) process.stderr.write(`${cause === error ? "error" : "  because"}: ${cause.message}\n`);
  process.exitCode = 1;
}
