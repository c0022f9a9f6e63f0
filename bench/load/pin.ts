import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { canPin, LOAD_CORE } from "../rigs/start.ts";

/**
 * Moves this process, the load generator, to a CPU core that the servers under test do not use. Returns false if that
 * is not possible on this machine.
 */
export function pinToLoadCore(): boolean {
  const isPinned = cpus().length > 1 && canPin();
  if (isPinned) spawnSync("taskset", ["-a", "-p", "-c", LOAD_CORE, String(process.pid)]);
  else console.error("no second core, or no taskset: the servers and the load generator share the cores");
  return isPinned;
}
