// The lab's node: a Kubernetes cluster with one node, cluster DNS, volumes and an ingress controller. This file starts
// and stops it. The other files in this folder contain the steps.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { binaryGroups, buildBinaries } from "../../../testkit/programs/binaries.ts";
import { ensureTools, runtimePackages, unpackPackages } from "../../../testkit/programs/debian.ts";
import { createPki, writeKubeconfig } from "../../../testkit/control-plane/pki.ts";
import { binDir, type Places } from "../../../testkit/programs/places.ts";
import { run } from "../../../testkit/run.ts";
import { definitionFolders } from "../workloads/definitions.ts";
import { applyWorkloads, workloadsAvailable } from "../workloads/apply.ts";
import { cniConfig, containerdConfig, copyGoldenRoot, goldenRoot } from "./containerd.ts";
import { nodeReady, startComponents } from "./components.ts";
import { BRIDGE_FILTER, kubeProxyConfig, kubeletConfig } from "./kubelet.ts";
import { layoutOf, type Layout } from "./layout.ts";
import { enterNamespaces, inNamespaces, leaveNamespaces, livingFirstProcess, rivalOf } from "./namespaces.ts";
import { requireRootOnLinux } from "./root-on-linux.ts";

export type Say = (line: string) => void;

/**
 * Fills the cache with the programs, packages and images of a node. Quick steps that can fail come first, before the
 * long build.
 */
export async function prepareNode(places: Places, say: Say): Promise<{ runtime: string; golden: string }> {
  await ensureTools(say);
  const runtime = await unpackPackages(places, runtimePackages, say);
  await definitionFolders(places, say);
  await buildBinaries(places, binaryGroups, say);
  return { runtime, golden: await goldenRoot(places, runtime, say) };
}

/** Starts the cluster unless it runs and is healthy. Removes what is left of a broken cluster first. */
export async function startNode(places: Places, index: number, say: Say): Promise<Layout> {
  requireRootOnLinux();
  const layout = layoutOf(places, index);
  if (await isHealthy(layout, places)) {
    say(`the lab cluster is running: ${layout.kubeconfig}`);
    return layout;
  }
  refuseRival(layout);
  const { runtime, golden } = await prepareNode(places, say);
  if (await stopNode(places, index)) say("removed the remains of an earlier cluster");
  for (const folder of [layout.folder, layout.pki, layout.logs, layout.config, join(layout.config, "cni")])
    mkdirSync(folder, { recursive: true });
  try {
    await createCredentials(layout);
    await enterNamespaces(layout, join(binDir(places), "pause"));
    await copyGoldenRoot(golden, join(layout.folder, "varlib/containerd"));
    writeFileSync(join(layout.config, "containerd.toml"), containerdConfig(runtime, layout));
    writeFileSync(join(layout.config, "cni/10-lab.conflist"), cniConfig(layout));
    writeFileSync(join(layout.config, "kubelet.json"), kubeletConfig(layout));
    writeFileSync(
      join(layout.config, "kube-proxy.json"),
      kubeProxyConfig(layout, existsSync(BRIDGE_FILTER) ? "present" : "absent"),
    );
    say("namespaces, network and images are ready");
    await startComponents({ layout, places, runtime, say });
    await applyWorkloads(layout, places, say);
  } catch (error) {
    throw new Error(`the lab cluster did not start; its logs are in ${layout.logs}, and \`make down\` removes it`, {
      cause: error,
    });
  }
  return layout;
}

/**
 * Ends the cluster and removes its processes, mounts, links, routes, cgroups and folder. Returns false if there is no
 * cluster.
 */
export async function stopNode(places: Places, index: number): Promise<boolean> {
  const layout = layoutOf(places, index);
  if (!isThere(layout)) return false;
  requireRootOnLinux();
  refuseRival(layout);
  await leaveNamespaces(layout);
  rmSync(layout.folder, { recursive: true, force: true });
  return true;
}

/**
 * Throws when a cluster with another LAB_STATE uses the same link and cgroups: removing them would break that cluster.
 */
function refuseRival(layout: Layout): void {
  const rival = rivalOf(layout);
  if (rival !== undefined)
    throw new Error(
      `LAB_INDEX=${layout.index} is used by the cluster in ${rival}: set LAB_INDEX to another number from 0 to 9, or end that one (LAB_STATE=${dirname(rival)} make down)`,
    );
}

function isThere(layout: Layout): boolean {
  return (
    existsSync(layout.folder) ||
    existsSync(`/sys/class/net/${layout.link}`) ||
    (process.platform === "linux" && livingFirstProcess(layout) !== undefined)
  );
}

/** Whether the node is Ready and the system workloads are available. */
export async function isHealthy(layout: Layout, places: Places): Promise<boolean> {
  return (
    livingFirstProcess(layout) !== undefined &&
    (await nodeReady(layout, places)) &&
    (await workloadsAvailable(layout, places))
  );
}

async function createCredentials(layout: Layout): Promise<void> {
  const addresses = [layout.apiServiceAddress, layout.nodeAddress, "127.0.0.1"].map((address) => `IP:${address}`);
  await createPki({
    folder: layout.pki,
    nodeName: layout.nodeName,
    apiServerNames: addresses,
    kubeletNames: [`DNS:${layout.nodeName}`, `IP:${layout.nodeAddress}`, "IP:127.0.0.1"],
  });
  for (const name of ["admin", "kubelet", "controller-manager", "scheduler", "proxy"]) {
    writeKubeconfig(layout.pki, name, `https://${layout.nodeAddress}:6443`, join(layout.folder, `${name}.kubeconfig`));
  }
}

export function kubectl(layout: Layout, places: Places, args: readonly string[], input = ""): Promise<string> {
  return run(join(binDir(places), "kubectl"), [`--kubeconfig=${layout.kubeconfig}`, ...args], { input });
}

/**
 * Runs `ctr`, containerd's client, in the cluster. Uses the containerd namespace that contains Kubernetes' images and
 * containers.
 */
export function ctr(layout: Layout, runtime: string, args: readonly string[]): Promise<string> {
  return inNamespaces(layout, join(runtime, "usr/bin/ctr"), ["--namespace", "k8s.io", ...args]);
}
