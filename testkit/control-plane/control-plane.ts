// A Kubernetes control plane for the integration tests: etcd, kube-apiserver and kube-controller-manager, on free
// loopback ports and with a temporary folder. It needs no root and starts in seconds.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binaryGroups, buildBinaries } from "../programs/binaries.ts";
import { apiServerFlags, controllerManagerFlags, etcdFlags } from "./component-flags.ts";
import { Daemon } from "../daemon.ts";
import { freePorts } from "../free-ports.ts";
import { createPki, writeKubeconfig } from "./pki.ts";
import { binDir, placesOf } from "../programs/places.ts";
import { run, type RunOptions } from "../run.ts";
import { until } from "../until.ts";

export interface ControlPlane {
  /** Path of a kubeconfig with administrator rights. */
  kubeconfig: string;
  url: string;
  /** Path of the audit log: one line of JSON for each request. The file exists only with the option auditLog: "on". */
  auditLog: string;
  kubectl(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Kills the API server. etcd keeps the data, so startApiServer continues with it. */
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  /** Suspends the API server: it stops answering, and its connections stay open. */
  pauseApiServer(): void;
  resumeApiServer(): void;
  /** Ends all programs and removes the folder. A second call does nothing. */
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /**
   * Whether kube-controller-manager runs: it collects garbage and handles Deployments and ServiceAccounts. Default:
   * "running".
   */
  controllers?: "running" | "none";
  auditLog?: "on" | "off";
}

const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata" }],
};

/** Starts a control plane and waits until it is ready. If a program ends early, throws with the end of its log. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const programs = await controlPlanePrograms();
  const folder = mkdtempSync(join(tmpdir(), "realtime-control-plane-"));
  const at = (name: string) => join(folder, name);
  const [apiPort = 0, clientPort = 0, peerPort = 0, controllerPort = 0] = await freePorts(4);
  const url = `https://127.0.0.1:${apiPort}`;
  const addresses = { apiPort, etcdUrl: `http://127.0.0.1:${clientPort}`, peerUrl: `http://127.0.0.1:${peerPort}` };
  mkdirSync(at("logs"));
  const { etcd, apiServer } = storeAndApiServer(programs, folder, {
    ...addresses,
    auditLog: options.auditLog ?? "off",
  });
  const controllerFlags = { pki: at("pki"), kubeconfig: at("controller-manager.kubeconfig"), port: controllerPort };
  const controllers = daemon("kube-controller-manager", programs, folder, controllerManagerFlags(controllerFlags));
  const kubectl = (args: readonly string[], runOptions: RunOptions = {}) =>
    run(programs.kubectl, [`--kubeconfig=${at("admin.kubeconfig")}`, ...args], runOptions);
  const answers = (...args: string[]) => kubectl(args).catch(() => undefined);
  const startApiServer = async () => {
    apiServer.start();
    const isReady = async () =>
      etcd.alive() && apiServer.alive() && (await answers("get", "--raw=/readyz"))?.trim() === "ok";
    await until("kube-apiserver to be ready", isReady, 60_000);
  };
  const stop = async () => {
    await Promise.all([controllers.stop(), apiServer.stop(), etcd.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    etcd.start();
    await createCredentials(folder, url);
    await startApiServer();
    if (options.controllers !== "none") {
      controllers.start();
      const hasAccount = async () => controllers.alive() && (await answers("get", "serviceaccount", "default"));
      await until("the default ServiceAccount to exist", hasAccount, 60_000);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    kubeconfig: at("admin.kubeconfig"),
    url,
    auditLog: at("audit.log"),
    kubectl,
    stopApiServer: () => apiServer.stop(),
    startApiServer,
    pauseApiServer: () => apiServer.signal("SIGSTOP"),
    resumeApiServer: () => apiServer.signal("SIGCONT"),
    stop,
  };
}

interface Addresses {
  apiPort: number;
  etcdUrl: string;
  peerUrl: string;
  auditLog: "on" | "off";
}

function storeAndApiServer(
  programs: Record<Program, string>,
  folder: string,
  { apiPort, etcdUrl, peerUrl, auditLog }: Addresses,
): { etcd: Daemon; apiServer: Daemon } {
  const at = (name: string) => join(folder, name);
  const etcd = daemon("etcd", programs, folder, etcdFlags({ dataDir: at("etcd"), clientUrl: etcdUrl, peerUrl }));
  const flags = apiServerFlags({
    pki: at("pki"),
    etcdUrl,
    bindAddress: "127.0.0.1",
    advertiseAddress: "127.0.0.1",
    port: apiPort,
    serviceRange: "10.0.0.0/16",
    authorization: "RBAC",
    ...(auditLog === "on" ? { auditLog: { policy: at("audit-policy.json"), file: at("audit.log") } } : {}),
    extra: ["--endpoint-reconciler-type=none"],
  });
  return { etcd, apiServer: daemon("kube-apiserver", programs, folder, flags) };
}

function daemon(name: Program, programs: Record<Program, string>, folder: string, flags: readonly string[]): Daemon {
  return new Daemon(name, programs[name], flags, join(folder, "logs", name));
}

async function createCredentials(folder: string, url: string): Promise<void> {
  const pki = join(folder, "pki");
  const loopback = "IP:127.0.0.1";
  const apiServerNames = [loopback, "IP:10.0.0.1"];
  await createPki({ folder: pki, nodeName: "none", apiServerNames, kubeletNames: [loopback] });
  for (const name of ["admin", "controller-manager"])
    writeKubeconfig(pki, name, url, join(folder, `${name}.kubeconfig`));
  writeFileSync(join(folder, "audit-policy.json"), JSON.stringify(auditPolicy));
}

type Program = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kubectl";

/**
 * Paths of the programs. Uses the folder KUBEBUILDER_ASSETS if it contains all of them. Otherwise uses the cache, and
 * builds the programs that the cache lacks.
 */
async function controlPlanePrograms(): Promise<Record<Program, string>> {
  const places = placesOf(process.env);
  const assets = process.env["KUBEBUILDER_ASSETS"];
  const wanted: Program[] = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"];
  const given = assets === undefined ? [] : wanted.filter((program) => existsSync(join(assets, program)));
  if (given.length < wanted.length) {
    await buildBinaries(
      places,
      binaryGroups.filter((group) => group.name === "control-plane"),
      (line) => process.stderr.write(`${line}\n`),
    );
  }
  return Object.fromEntries(
    wanted.map((program) => [program, join(given.includes(program) ? (assets ?? "") : binDir(places), program)]),
  ) as Record<Program, string>;
}
