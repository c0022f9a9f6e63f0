import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { output, run, succeeds } from "../run.ts";

const LISTS = "/var/lib/apt/lists";
const LISTS_GROW_OLD_MS = 7 * 24 * 3600_000;
// A mirror may fail for a moment, and another apt process may hold the lock. So try again for some time.
const retries = ["-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=30", "-o", "DPkg::Lock::Timeout=120"];

/** Downloads these Debian packages, without their dependencies. If the package lists are old, updates them first. */
export async function downloadPackages(
  packages: readonly string[],
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  await withFreshLists(packages, say, async () => {
    // Download as root. By default apt uses a user of its own, who may not write to this folder, and it would print a
    // warning.
    await run("apt-get", [...retries, "-o", "APT::Sandbox::User=root", "download", ...packages], { cwd: folder });
  });
}

/** Installs Debian packages on this machine. Needs root. */
export async function installPackages(packages: readonly string[], say: (line: string) => void): Promise<void> {
  await withFreshLists(packages, say, async () => {
    say(`installing ${packages.join(", ")} (5 to 20 s)`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", [...retries, "install", "-y", "-qq", "--no-install-recommends", ...packages], { env });
  });
}

export function hasApt(): Promise<boolean> {
  return succeeds("apt-get", ["--version"]);
}

async function withFreshLists(
  packages: readonly string[],
  say: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  if (listsAreOld() || !(await allKnown(packages))) await updateLists(say);
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 3)
        throw new Error(`${packages.join(", ")} did not come from the Debian mirror in three attempts`, {
          cause: error,
        });
      say(`  the download failed (attempt ${attempt} of 3): updating the package lists and trying again`);
      await sleep(attempt * 2000);
      await updateLists(say);
    }
  }
}

/**
 * Updates the package lists. If the mirror does not answer, continues with the old lists: if they are too old, the
 * download fails.
 */
async function updateLists(say: (line: string) => void): Promise<void> {
  say("updating Debian's package lists (10 s)");
  await run("apt-get", [...retries, "update", "-qq"]).catch((error: unknown) =>
    say(`  not updated: ${lastLine(error)}`),
  );
}

function listsAreOld(): boolean {
  const lists = existsSync(LISTS) ? readdirSync(LISTS).filter((file) => file.includes("_Packages")) : [];
  return Math.max(0, ...lists.map((file) => statSync(join(LISTS, file)).mtimeMs)) < Date.now() - LISTS_GROW_OLD_MS;
}

async function allKnown(packages: readonly string[]): Promise<boolean> {
  const known = (await output("apt-cache", ["policy", ...packages])) ?? "";
  return (known.match(/Candidate: [^(\n]/g) ?? []).length === packages.length;
}

function lastLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1) ?? "";
}
