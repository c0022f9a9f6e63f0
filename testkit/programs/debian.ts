// Unpacks Debian packages into the cache, so that their programs run from there. An installation of the packages would
// start services, and could replace the container runtime of this machine.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { downloadPackages, hasApt, installPackages } from "./apt.ts";
import type { Places } from "./places.ts";
import { run, succeeds } from "../run.ts";

export interface PackageSet {
  name: string;
  packages: readonly string[];
  /** Symbolic links that the packages' install scripts would create: the link's path and its target. */
  links?: Readonly<Record<string, string>>;
}

const iptablesNames = [
  "iptables",
  "iptables-save",
  "iptables-restore",
  "ip6tables",
  "ip6tables-save",
  "ip6tables-restore",
];

/**
 * What a node needs in addition to Kubernetes: containerd, runc, CNI plugins, and the firewall programs that these
 * call.
 */
export const runtimePackages: PackageSet = {
  name: "runtime",
  packages: [
    ...["containerd", "runc", "libseccomp2", "containernetworking-plugins"],
    ...["nftables", "libnftables1", "libedit2", "libbsd0", "libmd0", "libgmp10", "libjansson4", "libtinfo6"],
    ...[
      "iptables",
      "libxtables12",
      "libip4tc2",
      "libip6tc2",
      "libmnl0",
      "libnftnl11",
      "libnetfilter-conntrack3",
      "libnfnetlink0",
    ],
  ],
  links: Object.fromEntries(iptablesNames.map((name) => [`usr/sbin/${name}`, "xtables-nft-multi"])),
};

/** The programs that the lab runs by name, and the Debian package of each. */
export const tools: Readonly<Record<string, string>> = {
  cp: "coreutils",
  "dpkg-deb": "dpkg",
  ip: "iproute2",
  mount: "mount",
  nsenter: "util-linux",
  openssl: "openssl",
  setpriv: "util-linux",
  tar: "tar",
  unshare: "util-linux",
};

/** Unpacks the packages into a folder of the cache and returns its path. Each list of packages has its own folder. */
export async function unpackPackages(places: Places, set: PackageSet, say: (line: string) => void): Promise<string> {
  const content = createHash("sha256")
    .update(JSON.stringify([set.packages, set.links]))
    .digest("hex")
    .slice(0, 12);
  const root = join(places.cache, "debian", `${set.name}-${content}`);
  if (existsSync(root)) return root;
  if (!(await hasApt()))
    throw new Error(`the lab takes ${set.packages.join(", ")} from Debian packages, but this machine has no apt-get`);
  say(`fetching ${set.packages.length} Debian packages for ${set.name} (5 to 20 s)`);
  const fresh = `${root}.${process.pid}`;
  const downloads = `${fresh}.debs`;
  mkdirSync(fresh, { recursive: true });
  mkdirSync(downloads, { recursive: true });
  try {
    await downloadPackages(set.packages, downloads, say);
    for (const directory of ["bin", "sbin", "lib", "lib64"]) {
      mkdirSync(join(fresh, "usr", directory), { recursive: true });
      symlinkSync(`usr/${directory}`, join(fresh, directory));
    }
    for (const file of readdirSync(downloads)) {
      // Do not use dpkg-deb -x: it would replace the symbolic link /lib → usr/lib by a folder.
      await run("sh", [
        "-c",
        'dpkg-deb --fsys-tarfile "$1" | tar -C "$2" --keep-directory-symlink -xf -',
        "sh",
        join(downloads, file),
        fresh,
      ]);
    }
    for (const [path, target] of Object.entries(set.links ?? {})) symlinkSync(target, join(fresh, path));
    if (!existsSync(root)) renameSync(fresh, root);
  } finally {
    for (const folder of [fresh, downloads]) rmSync(folder, { recursive: true, force: true });
  }
  return root;
}

/**
 * Installs the programs of `tools` that this machine lacks. If that is not possible, throws an error with the command
 * to run.
 */
export async function ensureTools(say: (line: string) => void): Promise<void> {
  const missing = await missingTools();
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !(await hasApt())) {
    throw new Error(
      `the lab needs the programs of ${missing.join(", ")}: install them, on Debian with: apt-get install ${missing.join(" ")}`,
    );
  }
  await installPackages(missing, say);
}

/** The Debian packages of those programs of `tools` that are not in PATH. */
export async function missingTools(): Promise<string[]> {
  const missing = new Set<string>();
  for (const [program, debianPackage] of Object.entries(tools)) {
    if (!(await succeeds("sh", ["-c", 'command -v "$1"', "sh", program]))) missing.add(debianPackage);
  }
  return [...missing];
}
