import { readFileSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { binaryGroups, isBuilt } from "../../../testkit/programs/binaries.ts";
import { hasApt } from "../../../testkit/programs/apt.ts";
import { missingTools } from "../../../testkit/programs/debian.ts";
import { goProblem } from "../../../testkit/programs/go-toolchain.ts";
import type { Places } from "../../../testkit/programs/places.ts";
import { succeeds } from "../../../testkit/run.ts";
import { cgroupHierarchies } from "./cgroups.ts";
import { requireRootOnLinux } from "./root-on-linux.ts";

/** The bit numbers of Linux capabilities, from linux/capability.h. */
const needed = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21 } as const;
/**
 * The disk space that a first start needs: Go's caches, programs, images and one running cluster. Measured and rounded
 * up.
 */
const COLD_GIGABYTES = 8;

/** Lists what this machine lacks for running a lab node, and how to get it. Changes nothing. */
export async function nodeProblems(places: Places): Promise<string[]> {
  try {
    requireRootOnLinux();
  } catch (error) {
    return [(error as Error).message]; // only root can check for the other problems
  }
  return [
    ...capabilityProblems(),
    ...(await kernelProblems()),
    ...(await packageProblems()),
    ...(await buildProblems(places)),
  ];
}

function capabilityProblems(): string[] {
  const effective = BigInt(`0x${/CapEff:\s*(\w+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0"}`);
  const missing = Object.entries(needed).filter(([, bit]) => (effective & (1n << BigInt(bit))) === 0n);
  return missing.map(
    ([name]) =>
      `${name} is missing. A container that is not privileged lacks it: use the machine itself, or a privileged container`,
  );
}

async function kernelProblems(): Promise<string[]> {
  const problems: string[] = [];
  if (cgroupHierarchies().length === 0)
    problems.push("no cgroup file system is mounted: mount -t cgroup2 cgroup2 /sys/fs/cgroup");
  if (!readFileSync("/proc/filesystems", "utf8").includes("\toverlay\n") && !(await succeeds("modprobe", ["overlay"])))
    problems.push("the kernel has no overlay file system, which containers need");
  return problems;
}

async function packageProblems(): Promise<string[]> {
  const problems: string[] = [];
  const missing = await missingTools();
  if (missing.length > 0)
    problems.push(`programs are missing: apt-get install ${missing.join(" ")} (\`make up\` does it)`);
  if (!(await hasApt())) problems.push("there is no apt-get, and the container runtime comes from Debian packages");
  return problems;
}

async function buildProblems(places: Places): Promise<string[]> {
  if (binaryGroups.every((group) => isBuilt(places, group))) return [];
  const go = await goProblem();
  const problems = go === undefined ? [] : [go];
  const { bavail, bsize } = statfsSync(existingParent(places.cache));
  const freeGigabytes = (bavail * bsize) / 1e9;
  if (freeGigabytes < COLD_GIGABYTES)
    problems.push(
      `${places.cache} has ${freeGigabytes.toFixed(1)} GB free, and the first build needs about ${COLD_GIGABYTES}: set LAB_CACHE to a bigger disk`,
    );
  return problems;
}

function existingParent(folder: string): string {
  try {
    statfsSync(folder);
    return folder;
  } catch {
    return existingParent(dirname(folder));
  }
}
