// The node profile: a whole single-node Kubernetes with cluster DNS, volumes and an ingress controller. This file is the story
// of starting and ending one; each step is a file beside it.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { binaryGroups, buildBinaries } from "../../../testkit/programs/binaries.ts";
import { apiServerFlags, controllerManagerFlags, etcdFlags } from "../../../testkit/control-plane/component-flags.ts";
import { ensureTools, runtimePackages, unpackPackages } from "../../../testkit/programs/debian.ts";
import { createPki, writeKubeconfig } from "../../../testkit/control-plane/pki.ts";
import { binDir, type Places } from "../../../testkit/programs/places.ts";
import { output, run } from "../../../testkit/run.ts";
import { until } from "../../../testkit/until.ts";
import { definitionFolders } from "../workloads/definitions.ts";
import { applyWorkloads, workloadsAvailable } from "../workloads/apply.ts";
import { cniConfig, containerdConfig, copyGoldenRoot, goldenRoot, runtimeEnv } from "./containerd.ts";
import { BRIDGE_FILTER, kubeProxyConfig, kubeletConfig } from "./kubelet.ts";
import { layoutOf, type Layout } from "./layout.ts";
import {
  enterNamespaces,
  inNamespaces,
  leaveNamespaces,
  livingFirstProcess,
  rivalOf,
  startInNamespaces,
} from "./namespaces.ts";
import { requireRootOnLinux } from "./root-on-linux.ts";

export type Say = (line: string) => void;

/** Everything that is made once and kept: programs, packages, images. What is quick and may fail comes before the long build. */
export async function prepareNode(places: Places, say: Say): Promise<{ runtime: string; golden: string }> {
  await ensureTools(say);
  const runtime = await unpackPackages(places, runtimePackages, say);
  await definitionFolders(places, say);
  await buildBinaries(places, binaryGroups, say);
  return { runtime, golden: await goldenRoot(places, runtime, say) };
}

/** Starts the cluster, or finds that it runs. One that is half dead is removed and started anew. */
export async function startNode(places: Places, index: number, say: Say): Promise<Layout> {
  requireRootOnLinux();
  const layout = layoutOf(places, index);
  if (await isHealthy(layout, places)) {
    say(`the lab cluster is running: ${layout.kubeconfig}`);
    return layout;
  }
  refuseRival(layout);
  const { runtime, golden } = await prepareNode(places, say);
  if (await stopNode(places, index)) say("removed what was left of an earlier cluster");
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
    await startComponents(layout, places, runtime, say);
    await applyWorkloads(layout, places, say);
  } catch (error) {
    throw new Error(`the lab cluster did not start; its logs are in ${layout.logs}, and \`make down\` removes it`, {
      cause: error,
    });
  }
  return layout;
}

/** Ends the cluster and removes everything it made: processes, mounts, links, routes, cgroups, its folder. False when there was none. */
export async function stopNode(places: Places, index: number): Promise<boolean> {
  const layout = layoutOf(places, index);
  if (!isThere(layout)) return false;
  requireRootOnLinux();
  refuseRival(layout);
  await leaveNamespaces(layout);
  rmSync(layout.folder, { recursive: true, force: true });
  return true;
}

/** Cleaning up for our own cluster would take the link and the cgroups away from under the other one. */
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

/** The node is Ready and the system workloads are available. */
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

async function startComponents(layout: Layout, places: Places, runtime: string, say: Say): Promise<void> {
  const program = (name: string) => join(binDir(places), name);
  const config = (name: string) => join(layout.config, name);
  const pki = (name: string) => join(layout.pki, name);
  startInNamespaces(layout, "containerd", "containerd", ["--config", config("containerd.toml")], runtimeEnv(runtime));
  startInNamespaces(
    layout,
    "etcd",
    program("etcd"),
    etcdFlags({ dataDir: "/var/lib/etcd", clientUrl: "http://127.0.0.1:2379", peerUrl: "http://127.0.0.1:2380" }),
  );
  startInNamespaces(
    layout,
    "kube-apiserver",
    program("kube-apiserver"),
    apiServerFlags({
      pki: layout.pki,
      etcdUrl: "http://127.0.0.1:2379",
      bindAddress: "0.0.0.0",
      advertiseAddress: layout.nodeAddress,
      port: 6443,
      serviceRange: layout.serviceRange,
      authorization: "Node,RBAC",
      extra: [
        "--enable-admission-plugins=NodeRestriction",
        `--kubelet-client-certificate=${pki("apiserver-kubelet.crt")}`,
        `--kubelet-client-key=${pki("apiserver-kubelet.key")}`,
        `--kubelet-certificate-authority=${pki("ca.crt")}`,
        "--kubelet-preferred-address-types=InternalIP",
        `--requestheader-client-ca-file=${pki("front-ca.crt")}`,
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        `--proxy-client-cert-file=${pki("front-proxy.crt")}`,
        `--proxy-client-key-file=${pki("front-proxy.key")}`,
      ],
    }),
  );
  await until(
    "containerd",
    async () => (await output("nsenter", containerdVersion(layout, runtime))) !== undefined,
    20_000,
  );
  await until(
    "kube-apiserver",
    async () =>
      (await output(program("kubectl"), [`--kubeconfig=${layout.kubeconfig}`, "get", "--raw=/readyz"])) === "ok",
    60_000,
  );
  say("the API server answers");
  const shortDelays = [
    "--horizontal-pod-autoscaler-sync-period=5s",
    "--horizontal-pod-autoscaler-initial-readiness-delay=5s",
  ];
  const manager = controllerManagerFlags({
    pki: layout.pki,
    kubeconfig: join(layout.folder, "controller-manager.kubeconfig"),
    port: 10257,
    extra: [
      ...shortDelays,
      `--cluster-signing-cert-file=${pki("ca.crt")}`,
      `--cluster-signing-key-file=${pki("ca.key")}`,
    ],
  });
  startInNamespaces(layout, "kube-controller-manager", program("kube-controller-manager"), manager);
  startInNamespaces(layout, "kube-scheduler", program("kube-scheduler"), [
    `--kubeconfig=${join(layout.folder, "scheduler.kubeconfig")}`,
    "--bind-address=127.0.0.1",
    "--leader-elect=false",
    "--kube-api-qps=300",
    "--kube-api-burst=600",
  ]);
  const env = { ...process.env, ...runtimeEnv(runtime) };
  startInNamespaces(
    layout,
    "kubelet",
    program("kubelet"),
    [
      `--config=${config("kubelet.json")}`,
      `--kubeconfig=${join(layout.folder, "kubelet.kubeconfig")}`,
      `--hostname-override=${layout.nodeName}`,
      `--node-ip=${layout.nodeAddress}`,
    ],
    env,
  );
  startInNamespaces(layout, "kube-proxy", program("kube-proxy"), [`--config=${config("kube-proxy.json")}`], env);
  const volumes = join(layout.folder, "volumes");
  startInNamespaces(layout, "provisioner", process.execPath, [
    join(import.meta.dirname, "../provisioner.ts"),
    program("kubectl"),
    layout.kubeconfig,
    layout.nodeName,
    volumes,
  ]);
  await until("the node to be Ready", () => nodeReady(layout, places), 90_000);
  say("the node is Ready");
}

function containerdVersion(layout: Layout, runtime: string): string[] {
  return [
    "--target",
    String(livingFirstProcess(layout) ?? 0),
    "--mount",
    "--net",
    "--pid",
    "--",
    join(runtime, "usr/bin/ctr"),
    "version",
  ];
}

async function nodeReady(layout: Layout, places: Places): Promise<boolean> {
  const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  return (
    (await output(join(binDir(places), "kubectl"), [
      `--kubeconfig=${layout.kubeconfig}`,
      "--request-timeout=5s",
      "get",
      "node",
      layout.nodeName,
      "-o",
      path,
    ])) === "True"
  );
}

/** Runs kubectl against the cluster. */
export function kubectl(layout: Layout, places: Places, args: readonly string[], input = ""): Promise<string> {
  return run(join(binDir(places), "kubectl"), [`--kubeconfig=${layout.kubeconfig}`, ...args], { input });
}

/** Runs containerd's own client in the cluster, in the namespace of Kubernetes. */
export function ctr(layout: Layout, runtime: string, args: readonly string[]): Promise<string> {
  return inNamespaces(layout, join(runtime, "usr/bin/ctr"), ["--namespace", "k8s.io", ...args]);
}
