// The lab's node has its own mount, network and process namespaces. The first process in them is the program `pause`.
// When it ends, the kernel ends all other processes in the namespaces and removes their mounts, links, bridges and
// firewall rules.
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { output, run } from "../../../testkit/run.ts";
import { until } from "../../../testkit/until.ts";
import { makeCgroups, removeCgroups } from "./cgroups.ts";
import { BRIDGE_FILTER } from "./kubelet.ts";
import type { Layout } from "./layout.ts";

/** Creates the node's namespaces, the network link between the node and this machine, and the cgroups. */
export async function enterNamespaces(layout: Layout, pause: string): Promise<void> {
  for (const folder of ["run", "varlib", "varlog", "volumes", "cgroup"])
    mkdirSync(join(layout.folder, folder), { recursive: true });
  const pid = await startFirstProcess(layout, pause);
  makeCgroups(layout.cgroup);
  for (const value of [0, 1, 10, 1_000_000, 25_000_000])
    writeFileSync(join(layout.config, `value-${value}`), `${value}\n`);
  const at = (name: string) => join(layout.folder, name);
  const value = (number: number) => join(layout.config, `value-${number}`);
  await inNamespaces(layout, "sh", [
    "-ec",
    [
      // Mount a new sysfs that shows the node's network namespace, with the machine's cgroups in it. Make the mounts
      // shared only afterwards: otherwise an unmount in the node would also unmount on the machine.
      `mount --rbind /sys/fs/cgroup ${at("cgroup")}; mount -t sysfs sysfs /sys; mount --move ${at("cgroup")} /sys/fs/cgroup; mount --make-rshared /`,
      `mount --bind ${at("run")} /run; mount --bind ${at("varlib")} /var/lib; mount --bind ${at("varlog")} /var/log`,
      // The kubelet sets these kernel parameters, which belong to the whole machine. Mount files over them that already
      // have the values that the kubelet wants, so that it changes nothing.
      `mount --bind ${value(1)} /proc/sys/vm/overcommit_memory; mount --bind ${value(0)} /proc/sys/vm/panic_on_oom`,
      `mount --bind ${value(10)} /proc/sys/kernel/panic; mount --bind ${value(1)} /proc/sys/kernel/panic_on_oops`,
      `mount --bind ${value(1_000_000)} /proc/sys/kernel/keys/root_maxkeys; mount --bind ${value(25_000_000)} /proc/sys/kernel/keys/root_maxbytes`,
      "ip link set lo up; echo 1 > /proc/sys/net/ipv4/ip_forward",
      `if [ -e ${BRIDGE_FILTER} ]; then echo 1 > ${BRIDGE_FILTER}; fi`,
    ].join("\n"),
  ]);
  await linkToMachine(layout, pid).catch((cause: unknown) => {
    const { machineAddress, podRange, serviceRange } = layout;
    throw new Error(
      `the network of LAB_INDEX=${layout.index} cannot be made (${machineAddress}/30, ${podRange}, ${serviceRange}): if this machine uses these addresses, set LAB_INDEX to another number from 0 to 9`,
      { cause },
    );
  });
}

async function linkToMachine(layout: Layout, pid: number): Promise<void> {
  const { link, machineAddress, nodeAddress, podRange, serviceRange } = layout;
  await run("ip", ["link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", String(pid)]);
  await run("ip", ["addr", "add", `${machineAddress}/30`, "dev", link]);
  await run("ip", ["link", "set", link, "up"]);
  await inNamespaces(layout, "sh", [
    "-ec",
    `ip addr add ${nodeAddress}/30 dev eth0; ip link set eth0 up; ip route add default via ${machineAddress}`,
  ]);
  for (const range of [podRange, serviceRange])
    await run("ip", ["route", "add", range, "via", nodeAddress, "dev", link]);
}

export function inNamespaces(
  layout: Layout,
  program: string,
  args: readonly string[],
  env?: NodeJS.ProcessEnv,
): Promise<string> {
  return run("nsenter", [...entering(layout), program, ...args], env === undefined ? {} : { env });
}

/** A program that runs in the node's namespaces until the cluster stops. */
export interface Background {
  name: string;
  program: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
}

/** Starts a program in the node's namespaces that continues after this process ends. Its output goes to logs/<name>. */
export function startInNamespaces(layout: Layout, { name, program, args, env = process.env }: Background): void {
  const log = openSync(join(layout.logs, name), "a");
  const child = spawn("nsenter", [...entering(layout), program, ...args], {
    detached: true,
    stdio: ["ignore", log, log],
    env,
  });
  child.on("error", () => undefined); // the caller waits for the program's effect and reports a timeout
  child.unref();
  closeSync(log);
}

function entering(layout: Layout): string[] {
  const pid = livingFirstProcess(layout);
  if (pid === undefined) throw new Error(`the namespaces of ${layout.folder} are gone: see ${layout.logs}`);
  return ["--target", String(pid), "--mount", "--net", "--pid", "--"];
}

/**
 * The process id of `pause`, the first process in the node's namespaces. It is found by its command line, which
 * contains the cluster's folder. So it is found even if a start was interrupted before this id was saved.
 */
export function livingFirstProcess(layout: Layout): number | undefined {
  return firstProcesses().find(({ folder }) => folder === layout.folder)?.pid;
}

/**
 * The folder of another lab cluster that has the same index but another LAB_STATE. It uses the same link, addresses and
 * cgroups, so the two cannot run at the same time.
 */
export function rivalOf({ folder: ours, index }: Pick<Layout, "folder" | "index">): string | undefined {
  return firstProcesses().find(({ folder }) => folder !== ours && folder.endsWith(`/node-${index}`))?.folder;
}

function firstProcesses(): { pid: number; folder: string }[] {
  return readdirSync("/proc").flatMap((name) => {
    const [program, folder] = commandOf(Number(name));
    return program?.endsWith("/pause") === true && folder?.startsWith("/") === true
      ? [{ pid: Number(name), folder }]
      : [];
  });
}

/** The processes in the node's namespaces that run this program. The ids are those of this machine. */
export function pidsInNamespaces(layout: Layout, program: string): number[] {
  const first = livingFirstProcess(layout);
  if (first === undefined) return [];
  const node = pidNamespaceOf(first);
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => !Number.isNaN(pid) && basename(commandOf(pid)[0] ?? "") === program)
    .filter((pid) => pidNamespaceOf(pid) === node);
}

/** Undefined when the process has ended. */
function pidNamespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** The command line of a process. Empty for a kernel thread, and for a process that has ended. */
function commandOf(pid: number): string[] {
  try {
    return Number.isNaN(pid) ? [] : readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/**
 * Ends all processes in the node's namespaces, and removes what the cluster created outside of them. A second call does
 * nothing.
 */
export async function leaveNamespaces(layout: Layout): Promise<void> {
  const pid = livingFirstProcess(layout);
  if (pid !== undefined) {
    process.kill(pid, "SIGKILL");
    await until("the node's processes to end", async () => !existsSync(`/proc/${pid}`), 20_000, 20);
  }
  await output("ip", ["link", "del", layout.link]);
  await removeCgroups(layout.cgroup);
}

async function startFirstProcess(layout: Layout, pause: string): Promise<number> {
  const child = spawn("unshare", ["--mount", "--net", "--pid", "--fork", "--mount-proc", pause, layout.folder], {
    detached: true,
    stdio: "ignore",
  });
  child.on("error", () => undefined); // until() below then throws
  child.unref();
  return until(
    "the namespaces to exist (they need CAP_SYS_ADMIN and CAP_NET_ADMIN)",
    async () => livingFirstProcess(layout),
    10_000,
    20,
  );
}
