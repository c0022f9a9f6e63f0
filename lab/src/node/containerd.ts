import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Daemon } from "../../../testkit/daemon.ts";
import { systemImageArchives } from "../images/system-images.ts";
import type { Places } from "../../../testkit/programs/places.ts";
import { run, succeeds } from "../../../testkit/run.ts";
import { until } from "../../../testkit/until.ts";
import type { Layout } from "./layout.ts";

/**
 * Environment variables for containerd, kubelet and kube-proxy. They point to programs and libraries in the unpacked
 * packages.
 */
export function runtimeEnv(runtime: string): NodeJS.ProcessEnv {
  const libraries = ["usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu"]
    .map((path) => join(runtime, path))
    .filter(existsSync);
  return {
    PATH: `${join(runtime, "usr/bin")}:${join(runtime, "usr/sbin")}:/usr/sbin:/usr/bin:/sbin:/bin`,
    LD_LIBRARY_PATH: libraries.join(":"),
    XTABLES_LIBDIR: libraries.map((path) => join(path, "xtables")).join(":"),
  };
}

export function containerdConfig(runtime: string, layout: Layout): string {
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "lab.local/pause:1"
  netns_mounts_under_state_dir = true
  # Many sandboxes may not lower a process's chance to be killed when memory is short.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${join(runtime, "usr/lib/cni")}"
    conf_dir = "${join(layout.config, "cni")}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
}

/**
 * The network configuration of pods: a bridge without masquerading. This machine and the pods can reach each other, but
 * pods cannot reach other machines.
 */
export function cniConfig(layout: Layout): string {
  const bridge = {
    type: "bridge",
    bridge: "cni0",
    isGateway: true,
    ipMasq: false,
    hairpinMode: true,
    ipam: { type: "host-local", ranges: [[{ subnet: layout.podRange }]], routes: [{ dst: "0.0.0.0/0" }] },
  };
  return JSON.stringify({
    cniVersion: "0.4.0",
    name: "lab",
    plugins: [bridge, { type: "portmap", capabilities: { portMappings: true }, snat: true }],
  });
}

/**
 * Returns containerd's data folder with the system images. It is made once, in the cache, and each cluster starts with
 * a copy of it.
 */
export async function goldenRoot(places: Places, runtime: string, say: (line: string) => void): Promise<string> {
  const folder = join(places.cache, "golden");
  const root = join(folder, "containerd");
  const archives = await systemImageArchives(places, say);
  const wanted = archives.map(({ name, stamp }) => `${name} ${stamp}`).join("\n");
  const stampFile = join(folder, "stamp");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return root;
  say("importing the system images once (15 s)");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const [config, socket] = [join(folder, "config.toml"), join(folder, "containerd.sock")];
  writeFileSync(
    config,
    `version = 2\nroot = "${root}"\nstate = "${join(folder, "state")}"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\n  address = "${socket}"\n`,
  );
  const env = runtimeEnv(runtime);
  const ctr = (...args: string[]) =>
    run("env", [`PATH=${env["PATH"] ?? ""}`, "ctr", "--address", socket, "--namespace", "k8s.io", ...args]);
  const environment = Object.entries(env).map(([name, value]) => `${name}=${value ?? ""}`);
  const containerd = new Daemon(
    "containerd",
    "env",
    [...environment, "containerd", "--config", config],
    join(folder, "log"),
  );
  containerd.start();
  try {
    await until(
      "containerd",
      async () =>
        containerd.alive() && succeeds("env", [`PATH=${env["PATH"] ?? ""}`, "ctr", "--address", socket, "version"]),
      20_000,
    );
    for (const { file } of archives) await ctr("images", "import", file);
    await ctr("images", "label", "lab.local/pause:1", "io.cri-containerd.pinned=pinned");
  } finally {
    await containerd.stop("SIGTERM");
  }
  rmSync(join(folder, "state"), { recursive: true, force: true });
  writeFileSync(stampFile, wanted);
  return root;
}

/**
 * Copies the folder with the system images. Makes hard links to image content, which never changes, and real copies of
 * databases, which do change.
 */
export async function copyGoldenRoot(golden: string, to: string): Promise<void> {
  if (!(await succeeds("cp", ["-al", golden, to]))) {
    rmSync(to, { recursive: true, force: true });
    await run("cp", ["-a", golden, to]); // hard links cannot cross file systems
    return;
  }
  for (const file of readdirSync(golden, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".db")) continue;
    rmSync(join(to, file));
    cpSync(join(golden, file), join(to, file));
  }
}
