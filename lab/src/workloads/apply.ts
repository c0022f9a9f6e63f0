import { existsSync, mkdirSync, readFileSync, readdirSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { goEnv } from "../binaries.ts";
import type { Layout } from "../node/layout.ts";
import { binDir, type Places } from "../places.ts";
import { output, run } from "../run.ts";
import { until } from "../until.ts";

/** Custom resource definitions of other projects, as folders of Go modules, so that optional objects have somewhere to go. */
const definitions = [
  { module: "github.com/prometheus-operator/prometheus-operator", version: "v0.85.0", folder: "example/prometheus-operator-crd" },
  { module: "sigs.k8s.io/gateway-api", version: "v1.6.3", folder: "config/crd/standard" },
] as const;

const deployments = [
  { namespace: "kube-system", name: "coredns" },
  { namespace: "traefik", name: "traefik" },
] as const;

/** Applies DNS, ingress controller, storage class and the definitions, and waits until the first two serve. */
export async function applyWorkloads(layout: Layout, places: Places, say: (line: string) => void): Promise<void> {
  const kubectl = (args: readonly string[], input = "") => run(join(binDir(places), "kubectl"), [`--kubeconfig=${layout.kubeconfig}`, ...args], { input });
  const manifests = ["coredns.yaml", "traefik.yaml", "storage-class.yaml"].map((file) => readFileSync(join(import.meta.dirname, file), "utf8"));
  const filled = manifests.join("\n---\n").replaceAll("DNS_ADDRESS", layout.dnsAddress).replaceAll("NODE_ADDRESS", layout.nodeAddress);
  await kubectl(["apply", "--server-side", "-f", "-"], filled);
  const folders = await definitionFolders(places, say);
  // The biggest of them do not fit into the annotation that client-side apply writes.
  await kubectl(["apply", "--server-side", ...folders.flatMap((folder) => ["-f", folder])]);
  await until("cluster DNS and Traefik", () => workloadsAvailable(layout, places), 120_000, 200);
  say("cluster DNS and Traefik serve");
}

export async function workloadsAvailable(layout: Layout, places: Places): Promise<boolean> {
  for (const { namespace, name } of deployments) {
    const ready = await output(join(binDir(places), "kubectl"), [`--kubeconfig=${layout.kubeconfig}`, "-n", namespace, "get", "deployment", name, "-o", "jsonpath={.status.availableReplicas}"]);
    if (ready !== "1") return false;
  }
  return true;
}

/** Folders of YAML in the cache, copied from the Go module proxy once. */
async function definitionFolders(places: Places, say: (line: string) => void): Promise<string[]> {
  const folders = [];
  for (const { module, version, folder } of definitions) {
    const kept = join(places.cache, "definitions", `${module.replaceAll("/", "_")}@${version}`);
    if (!existsSync(kept)) {
      say(`fetching the resource definitions of ${module} ${version} (5 s)`);
      const found = JSON.parse(await run("go", ["mod", "download", "-json", `${module}@${version}`], { cwd: "/", env: await goEnv() })) as { Dir: string };
      const source = join(found.Dir, folder);
      mkdirSync(`${kept}.new`, { recursive: true });
      for (const file of readdirSync(source)) if (file.endsWith(".yaml") && file !== "kustomization.yaml") copyFileSync(join(source, file), join(`${kept}.new`, file));
      await run("mv", [`${kept}.new`, kept]);
    }
    folders.push(kept);
  }
  return folders;
}
