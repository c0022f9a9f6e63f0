import { join } from "node:path";
import { apiServerFlags, controllerManagerFlags, etcdFlags } from "../../../testkit/control-plane/component-flags.ts";
import { binDir, type Places } from "../../../testkit/programs/places.ts";
import { output } from "../../../testkit/run.ts";
import { until } from "../../../testkit/until.ts";
import { runtimeEnv } from "./containerd.ts";
import type { Layout } from "./layout.ts";
import { livingFirstProcess, pidsInNamespaces, startInNamespaces } from "./namespaces.ts";

const ETCD_URL = "http://127.0.0.1:2379";

export interface Components {
  layout: Layout;
  places: Places;
  /** Folder with the unpacked Debian packages of the container runtime. */
  runtime: string;
  say: (line: string) => void;
}

export async function startComponents(components: Components): Promise<void> {
  const { layout, places, say } = components;
  startContainerd(components);
  startEtcd(components);
  startApiServer(components);
  await until("containerd", () => containerdAnswers(components), 20_000);
  await until("kube-apiserver", () => apiServerReady(components), 60_000);
  say("the API server answers");
  startControllers(components);
  startKubelet(components);
  startProxy(components);
  startProvisioner(components);
  await until("the node to be Ready", () => nodeReady(layout, places), 90_000);
  say("the node is Ready");
}

export async function nodeReady(layout: Layout, places: Places): Promise<boolean> {
  const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  const get = ["--request-timeout=5s", "get", "node", layout.nodeName, "-o", path];
  return (await output(join(binDir(places), "kubectl"), [`--kubeconfig=${layout.kubeconfig}`, ...get])) === "True";
}

/** The programs that tests stop and start again. */
const restartable = {
  containerd: startContainerd,
  etcd: startEtcd,
  "kube-apiserver": startApiServer,
  kubelet: startKubelet,
} as const;
export type Restartable = keyof typeof restartable;
export const restartableNames = Object.keys(restartable) as Restartable[];

/** Kills a program of the node, as a crash would. Nothing starts it again. */
export function killComponent(layout: Layout, name: Restartable): void {
  const pids = pidsInNamespaces(layout, name);
  if (pids.length === 0) throw new Error(`${name} does not run in ${layout.folder}`);
  for (const pid of pids) process.kill(pid, "SIGKILL");
}

export function startComponent(components: Components, name: Restartable): void {
  restartable[name](components);
}

function startContainerd({ layout, runtime }: Components): void {
  const args = ["--config", join(layout.config, "containerd.toml")];
  startInNamespaces(layout, { name: "containerd", program: "containerd", args, env: runtimeEnv(runtime) });
}

function startEtcd({ layout, places }: Components): void {
  startInNamespaces(layout, {
    name: "etcd",
    program: join(binDir(places), "etcd"),
    args: etcdFlags({ dataDir: "/var/lib/etcd", clientUrl: ETCD_URL, peerUrl: "http://127.0.0.1:2380" }),
  });
}

function startApiServer({ layout, places }: Components): void {
  const pki = (name: string) => join(layout.pki, name);
  const args = apiServerFlags({
    pki: layout.pki,
    etcdUrl: ETCD_URL,
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
  });
  startInNamespaces(layout, { name: "kube-apiserver", program: join(binDir(places), "kube-apiserver"), args });
}

function startControllers({ layout, places }: Components): void {
  const manager = controllerManagerFlags({
    pki: layout.pki,
    kubeconfig: join(layout.folder, "controller-manager.kubeconfig"),
    port: 10257,
    extra: [
      "--horizontal-pod-autoscaler-sync-period=5s",
      "--horizontal-pod-autoscaler-initial-readiness-delay=5s",
      `--cluster-signing-cert-file=${join(layout.pki, "ca.crt")}`,
      `--cluster-signing-key-file=${join(layout.pki, "ca.key")}`,
    ],
  });
  const scheduler = [
    `--kubeconfig=${join(layout.folder, "scheduler.kubeconfig")}`,
    "--bind-address=127.0.0.1",
    "--leader-elect=false",
    "--kube-api-qps=300",
    "--kube-api-burst=600",
  ];
  for (const [name, args] of [
    ["kube-controller-manager", manager],
    ["kube-scheduler", scheduler],
  ] as const) {
    startInNamespaces(layout, { name, program: join(binDir(places), name), args });
  }
}

function startKubelet({ layout, places, runtime }: Components): void {
  const env = { ...process.env, ...runtimeEnv(runtime) };
  const kubelet = [
    `--config=${join(layout.config, "kubelet.json")}`,
    `--kubeconfig=${join(layout.folder, "kubelet.kubeconfig")}`,
    `--hostname-override=${layout.nodeName}`,
    `--node-ip=${layout.nodeAddress}`,
  ];
  startInNamespaces(layout, { name: "kubelet", program: join(binDir(places), "kubelet"), args: kubelet, env });
}

function startProxy({ layout, places, runtime }: Components): void {
  const env = { ...process.env, ...runtimeEnv(runtime) };
  const args = [`--config=${join(layout.config, "kube-proxy.json")}`];
  startInNamespaces(layout, { name: "kube-proxy", program: join(binDir(places), "kube-proxy"), args, env });
}

function startProvisioner({ layout, places }: Components): void {
  const script = join(import.meta.dirname, "../provisioner.ts");
  const kubectl = join(binDir(places), "kubectl");
  const args = [script, kubectl, layout.kubeconfig, layout.nodeName, join(layout.folder, "volumes")];
  startInNamespaces(layout, { name: "provisioner", program: process.execPath, args });
}

async function containerdAnswers({ layout, runtime }: Components): Promise<boolean> {
  const target = ["--target", String(livingFirstProcess(layout) ?? 0), "--mount", "--net", "--pid", "--"];
  return (await output("nsenter", [...target, join(runtime, "usr/bin/ctr"), "version"])) !== undefined;
}

async function apiServerReady({ layout, places }: Components): Promise<boolean> {
  const readyz = [`--kubeconfig=${layout.kubeconfig}`, "get", "--raw=/readyz"];
  return (await output(join(binDir(places), "kubectl"), readyz)) === "ok";
}
