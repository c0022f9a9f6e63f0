import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/**
 * The process that listens on a local TCP port, as text: "node (pid 4711)". Undefined when the process cannot be found.
 */
export function portOwner(port: number): string | undefined {
  try {
    return process.platform === "linux" ? ownerByProc(port) : ownerByLsof(port);
  } catch {
    return undefined;
  }
}

const LISTEN = "0A";

function ownerByProc(port: number): string | undefined {
  const inodes = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"]
      .flatMap((file) => readFileSync(file, "utf8").trim().split("\n").slice(1))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = "", , state]) => state === LISTEN && parseInt(local.split(":")[1] ?? "", 16) === port)
      .map((fields) => `socket:[${fields[9]}]`),
  );
  const pid = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((name) => filesOf(name).some((file) => inodes.has(file)));
  return pid === undefined ? undefined : `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (pid ${pid})`;
}

function filesOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    // The process has ended, or it belongs to another user, whose files we may not read.
    return [];
  }
}

function ownerByLsof(port: number): string | undefined {
  const text = execFileSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"], { encoding: "utf8" });
  const pid = /^p(\d+)/m.exec(text)?.[1];
  const program = /^c(.+)/m.exec(text)?.[1];
  return pid === undefined ? undefined : `${program ?? "a process"} (pid ${pid})`;
}
