// The control-plane profile: etcd, kube-apiserver and (unless told otherwise) kube-controller-manager on loopback, with free
// ports and a temporary folder of their own. It needs no root, starts in seconds and is what the integration tests run on.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binaryGroups, buildBinaries } from "../programs/binaries.ts";
import { apiServerFlags, controllerManagerFlags, etcdFlags } from "./component-flags.ts";
import { Daemon } from "../daemon.ts";
import { freePorts } from "../free-ports.ts";
import { createPki, writeKubeconfig } from "./pki.ts";
import { binDir, placesOf } from "../programs/places.ts";
import { output, run, type RunOptions } from "../run.ts";
import { until } from "../until.ts";

export interface ControlPlane {
  /** Path of an administrator's kubeconfig. */
  kubeconfig: string;
  url: string;
  /** Every request, as one JSON line each, when it was asked for. */
  auditLog: string;
  kubectl(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Ends the API server as a crash would; etcd keeps the data. */
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  /** The API server stops answering without closing a connection. */
  pauseApiServer(): void;
  resumeApiServer(): void;
  /** Ends everything and removes the folder. Doing it twice is fine. */
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** Default "running": garbage collection, Deployments, ServiceAccounts. */
  controllers?: "running" | "none";
  auditLog?: "on" | "off";
}

const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata" }],
};

/** Starts one and resolves when it answers. Throws when a program is missing or ends, with the end of its log. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const programs = await controlPlanePrograms();
  const folder = mkdtempSync(join(tmpdir(), "realtime-control-plane-"));
  const at = (name: string) => join(folder, name);
  const [apiPort = 0, clientPort = 0, peerPort = 0, controllerPort = 0] = await freePorts(4);
  const url = `https://127.0.0.1:${apiPort}`;
  const etcdUrl = `http://127.0.0.1:${clientPort}`;
  mkdirSync(at("logs"));
  const etcd = new Daemon(
    "etcd",
    programs.etcd,
    etcdFlags({ dataDir: at("etcd"), clientUrl: etcdUrl, peerUrl: `http://127.0.0.1:${peerPort}` }),
    at("logs/etcd"),
  );
  etcd.start();
  await createPki({
    folder: at("pki"),
    nodeName: "none",
    apiServerNames: ["IP:127.0.0.1", "IP:10.0.0.1"],
    kubeletNames: ["IP:127.0.0.1"],
  });
  for (const name of ["admin", "controller-manager"]) writeKubeconfig(at("pki"), name, url, at(`${name}.kubeconfig`));
  writeFileSync(at("audit-policy.json"), JSON.stringify(auditPolicy));
  const kubectl = (args: readonly string[], runOptions: RunOptions = {}) =>
    run(programs.kubectl, [`--kubeconfig=${at("admin.kubeconfig")}`, ...args], runOptions);

  const apiServer = new Daemon(
    "kube-apiserver",
    programs["kube-apiserver"],
    apiServerFlags({
      pki: at("pki"),
      etcdUrl,
      bindAddress: "127.0.0.1",
      advertiseAddress: "127.0.0.1",
      port: apiPort,
      serviceRange: "10.0.0.0/16",
      authorization: "RBAC",
      ...(options.auditLog === "on" ? { auditLog: { policy: at("audit-policy.json"), file: at("audit.log") } } : {}),
      extra: ["--endpoint-reconciler-type=none"],
    }),
    at("logs/kube-apiserver"),
  );
  const controllers = new Daemon(
    "kube-controller-manager",
    programs["kube-controller-manager"],
    controllerManagerFlags({ pki: at("pki"), kubeconfig: at("controller-manager.kubeconfig"), port: controllerPort }),
    at("logs/kube-controller-manager"),
  );
  const startApiServer = async () => {
    apiServer.start();
    await until(
      "kube-apiserver to be ready",
      async () =>
        etcd.alive() &&
        apiServer.alive() &&
        (await output(programs.kubectl, [`--kubeconfig=${at("admin.kubeconfig")}`, "get", "--raw=/readyz"])) === "ok",
      60_000,
    );
  };
  const stop = async () => {
    await Promise.all([controllers.stop(), apiServer.stop(), etcd.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await startApiServer();
    if (options.controllers !== "none") {
      controllers.start();
      await until(
        "the default ServiceAccount",
        async () =>
          controllers.alive() &&
          (await output(programs.kubectl, [
            `--kubeconfig=${at("admin.kubeconfig")}`,
            "get",
            "serviceaccount",
            "default",
          ])) !== undefined,
        60_000,
      );
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

type Program = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kubectl";

/** From KUBEBUILDER_ASSETS where that folder has them, else from the lab's cache, built when they are missing. */
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
