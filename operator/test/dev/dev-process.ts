// Runs `realtime dev` as a user does: as a process of its own, with real gateways, a real Redis and a stock client.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { io, type Socket } from "socket.io-client";
import { until } from "../../../testkit/until.ts";

const repository = join(import.meta.dirname, "../../..");
const program = join(repository, "operator/src/main.ts");
export const minimal = readFileSync(join(repository, "examples/minimal/cluster.yaml"), "utf8");

const open: (() => unknown)[] = [];

/** Closes everything that a test has opened with these functions. */
export async function closeAll(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}

export function closeLater(close: () => unknown): void {
  open.push(close);
}

export interface Dev {
  folder: string;
  file: string;
  url: string;
  token: string;
  process: ChildProcess;
  output: () => string;
  /** Waits until the program has printed a new line that matches the pattern. */
  line: (pattern: RegExp) => Promise<RegExpExecArray>;
  ask: (action: string) => Promise<string>;
}

/**
 * Makes a folder with the cluster's file, and a PATH with the program redis-server. The link leads to redis-check-rdb,
 * which is the same program in Debian's packages.
 */
export function workspace(
  withRedis = true,
  subfolder = "",
): { folder: string; file: string; env: Record<string, string> } {
  const made = mkdtempSync(join(tmpdir(), "realtime-dev-"));
  open.push(() => rmSync(made, { recursive: true, force: true }));
  const folder = join(made, subfolder);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "cluster.yaml");
  writeFileSync(file, minimal);
  if (withRedis) symlinkSync("/usr/bin/redis-check-rdb", join(folder, "redis-server"));
  symlinkSync("/bin/sh", join(folder, "sh"));
  return { folder, file, env: { PATH: folder, HOME: folder } };
}

export function start(args: readonly string[], cwd: string, env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, "dev", ...args], {
    ...{ cwd, env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  open.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGINT");
    await once(child, "exit");
  });
  return child;
}

export async function run(args: readonly string[], cwd: string, env: Record<string, string>) {
  const child = start(args, cwd, env);
  const closed = once(child, "close") as Promise<[number]>;
  const [out, error, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), closed]);
  return { code, out, error };
}

export interface DevOptions {
  withRedis?: boolean;
  subfolder?: string;
  /** More files in the folder, by name. */
  files?: Record<string, string>;
  args?: readonly string[];
  /** The file with the cluster. Default: the minimal example. */
  cluster?: string;
}

export async function startDev(options: DevOptions = {}): Promise<Dev & { socket: Socket }> {
  const { withRedis = true, subfolder = "", files = {}, args = [], cluster = minimal } = options;
  const { folder, file, env } = workspace(withRedis, subfolder);
  writeFileSync(file, cluster);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const child = start(["-f", "cluster.yaml", "--port", "0", ...args], folder, env);
  let output = "";
  let seen = 0;
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (data: Buffer) => (output += data.toString()));
  const line = (pattern: RegExp): Promise<RegExpExecArray> =>
    until(
      `${String(pattern)} in ${output}`,
      async () => {
        const found = pattern.exec(output.slice(seen));
        if (found !== null) seen += found.index + found[0].length;
        return found ?? undefined;
      },
      90_000,
      20,
    );
  const [, url = ""] = await line(/behind (http:\S+)/);
  const [, token = ""] = await line(/token: "([^"]+)"/);
  const socket = io(`${url}/messaging`, { transports: ["websocket"], auth: { token }, reconnectionDelay: 20 });
  open.push(() => socket.close());
  await socket.timeout(10_000).emitWithAck("join_room", { room: "team-7" });
  const ask = async (action: string): Promise<string> => (await run([action], folder, env)).out.trim();
  return { ...{ folder, file, url, token, socket, line, ask }, process: child, output: () => output };
}

export function gatewaysIn(folder: string): string[] {
  return processesIn(folder).filter((text) => text.includes("server/src/main.ts"));
}

/** The command lines of all processes that were started in this folder, or whose command line contains it. */
export function processesIn(folder: string): string[] {
  return [...processesById(folder).values()];
}

/** Ends what a test that has failed leaves running. */
export function endProcessesIn(folder: string): void {
  for (const pid of processesById(folder).keys()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
  }
}

function processesById(folder: string): Map<number, string> {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const all = pids.map((pid): [number, string] => [Number(pid), textOf(pid)]);
  return new Map(all.filter(([, text]) => text.includes(folder)));
}

function textOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") + readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return ""; // the process has ended
  }
}
