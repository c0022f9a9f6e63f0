// Builds Kubernetes, etcd, Helm, Traefik and CoreDNS from sources of the Go module proxy. All are in one Go module
// (programs/go), so Go compiles a package only once even if several programs use it. This saves most of the time of a
// first build.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { goBuild } from "./go-build.ts";
import { binDir, type Places } from "./places.ts";

export const KUBERNETES_VERSION = "1.35.4";

export interface BinaryGroup {
  name: "control-plane" | "node";
  /** The name of each program, by the Go package that it is built from. */
  programs: Readonly<Record<string, string>>;
  /** How long a build usually takes on two cores. Shown to the user. */
  usually: string;
}

export const binaryGroups: readonly BinaryGroup[] = [
  {
    name: "control-plane",
    programs: {
      "go.etcd.io/etcd/server/v3": "etcd",
      "k8s.io/kubernetes/cmd/kube-apiserver": "kube-apiserver",
      "k8s.io/kubernetes/cmd/kube-controller-manager": "kube-controller-manager",
      "k8s.io/kubernetes/cmd/kubectl": "kubectl",
    },
    usually: "5 to 7 min cold, half a minute when Go has them cached",
  },
  {
    name: "node",
    programs: {
      "k8s.io/kubernetes/cmd/kube-scheduler": "kube-scheduler",
      "k8s.io/kubernetes/cmd/kubelet": "kubelet",
      "k8s.io/kubernetes/cmd/kube-proxy": "kube-proxy",
      "helm.sh/helm/v4/cmd/helm": "helm",
      "github.com/traefik/traefik/v3/cmd/traefik": "traefik",
      "./coredns": "coredns",
      "./pause": "pause",
    },
    usually: "3 to 4 min cold after the first group",
  },
];

const goModule = join(import.meta.dirname, "go");
const [major, minor] = KUBERNETES_VERSION.split(".");
// The versions that the programs report. Without these flags the API server reports v0.0.0, and every check of its
// version fails.
const ldflags = [
  "-s -w",
  `-X k8s.io/component-base/version.gitVersion=v${KUBERNETES_VERSION}`,
  `-X k8s.io/component-base/version.gitMajor=${major ?? ""} -X k8s.io/component-base/version.gitMinor=${minor ?? ""}`,
  "-X k8s.io/component-base/version.gitTreeState=clean",
  `-X k8s.io/client-go/pkg/version.gitVersion=v${KUBERNETES_VERSION}`,
  "-X helm.sh/helm/v4/internal/version.version=v4.1.4",
  "-X github.com/traefik/traefik/v3/pkg/version.Version=3.7.13",
].join(" ");

/**
 * Builds the programs that are missing in the cache or older than their sources. Calls `say` with lines about the
 * progress.
 */
export async function buildBinaries(
  places: Places,
  groups: readonly BinaryGroup[],
  say: (line: string) => void,
): Promise<void> {
  for (const group of groups) {
    if (isBuilt(places, group)) continue;
    await buildGroup(places, group, say);
  }
}

/** Whether the cache contains every program of the group, built from the current sources. */
export function isBuilt(places: Places, group: BinaryGroup): boolean {
  const bin = binDir(places);
  const stamp = join(bin, `${group.name}.stamp`);
  const programs = Object.values(group.programs);
  return (
    programs.every((program) => existsSync(join(bin, program))) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === stampOf(group)
  );
}

async function buildGroup(places: Places, group: BinaryGroup, say: (line: string) => void): Promise<void> {
  const bin = binDir(places);
  const fresh = `${bin}.${group.name}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  mkdirSync(bin, { recursive: true });
  say(`building ${Object.values(group.programs).join(", ")} (${group.usually})`);
  try {
    await goBuild(Object.keys(group.programs), ldflags, fresh, say);
    // Go names a program after the last part of its package path, so etcd is called "server".
    if (existsSync(join(fresh, "server"))) renameSync(join(fresh, "server"), join(fresh, "etcd"));
    for (const program of readdirSync(fresh)) renameSync(join(fresh, program), join(bin, program));
    writeFileSync(join(bin, `${group.name}.stamp`), stampOf(group));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function stampOf(group: BinaryGroup): string {
  const hash = createHash("sha256").update(ldflags).update(JSON.stringify(group.programs));
  const sources = readdirSync(goModule, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.go$|go\.(mod|sum)$/.test(file),
  );
  for (const file of sources.sort()) hash.update(file).update(readFileSync(join(goModule, file)));
  return hash.digest("hex");
}
