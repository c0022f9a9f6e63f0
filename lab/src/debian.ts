// Parts that come from Debian. Container runtime and libraries are unpacked into the cache and run from there: installing
// them would start services, and would replace the container runtime of a machine that has one.
import { existsSync, mkdirSync, readdirSync, writeFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Places } from "./places.ts";
import { run, succeeds } from "./run.ts";

export interface PackageSet {
  name: string;
  packages: readonly string[];
}

export const runtimePackages: PackageSet = {
  name: "runtime",
  packages: ["containerd", "runc", "containernetworking-plugins", "libseccomp2"],
};

/** Programs that are called by name, and the package that has each. */
const tools: Readonly<Record<string, string>> = {
  ip: "iproute2",
  nft: "nftables",
  iptables: "iptables",
  openssl: "openssl",
  nsenter: "util-linux",
  unshare: "util-linux",
  setpriv: "util-linux",
  tar: "tar",
};

/** Unpacks the packages into one folder of the cache and returns it. Downloads only what is not there. */
export async function unpackPackages(places: Places, set: PackageSet, say: (line: string) => void): Promise<string> {
  const root = join(places.cache, "debian", set.name);
  const stamp = join(places.cache, "debian", `${set.name}.stamp`);
  const wanted = set.packages.join(" ");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return root;
  say(`fetching Debian packages for ${set.name}: ${wanted} (5 to 20 s)`);
  const downloads = join(places.cache, "debian", `${set.name}.debs`);
  rmSync(root, { recursive: true, force: true });
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  mkdirSync(downloads, { recursive: true });
  await updateLists(say);
  // apt drops privileges to a user who may not write here, and warns about it: it is told not to.
  await run("apt-get", ["-o", "APT::Sandbox::User=root", "download", ...set.packages], { cwd: downloads });
  for (const directory of ["bin", "sbin", "lib", "lib64"]) {
    mkdirSync(join(root, "usr", directory), { recursive: true });
    await run("ln", ["-sfn", `usr/${directory}`, join(root, directory)]);
  }
  for (const file of readdirSync(downloads)) {
    // Through tar rather than dpkg-deb -x, so that /lib stays the link into /usr that it is on a merged system.
    await run("sh", ["-c", 'dpkg-deb --fsys-tarfile "$1" | tar -C "$2" --keep-directory-symlink -xf -', "sh", join(downloads, file), root]);
  }
  rmSync(downloads, { recursive: true });
  writeFileSync(stamp, wanted);
  return root;
}

/** Installs the small tools that are missing. Throws with the command to run where this may not or cannot be done here. */
export async function ensureTools(say: (line: string) => void): Promise<void> {
  const missing: string[] = [];
  for (const [program, debianPackage] of Object.entries(tools)) {
    if (!(await succeeds("sh", ["-c", `command -v ${program}`]))) missing.push(debianPackage);
  }
  if (missing.length === 0) return;
  const packages = [...new Set(missing)];
  if (process.getuid?.() !== 0 || !(await succeeds("apt-get", ["--version"]))) {
    throw new Error(`the lab needs ${packages.join(", ")}: install them, on Debian with: apt-get install ${packages.join(" ")}`);
  }
  await updateLists(say);
  say(`installing ${packages.join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env });
}

async function updateLists(say: (line: string) => void): Promise<void> {
  if (await succeeds("sh", ["-c", "apt-cache policy containerd | grep -q 'Candidate: [0-9]' && find /var/lib/apt/lists -name '*_Packages*' -mtime -7 | grep -q ."])) return;
  say("updating Debian's package lists (10 s)");
  await run("apt-get", ["update", "-qq"]);
}
