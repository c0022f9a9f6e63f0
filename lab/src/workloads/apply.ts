import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Layout } from "../node/layout.ts";
import { binDir, type Places } from "../../../testkit/programs/places.ts";
import { output, run } from "../../../testkit/run.ts";
import { until } from "../../../testkit/until.ts";
import { definitionFolders } from "./definitions.ts";

const deployments = [
  { namespace: "kube-system", name: "coredns" },
  { namespace: "traefik", name: "traefik" },
] as const;

/**
 * Installs cluster DNS, the ingress controller, the storage class and CustomResourceDefinitions. Waits until DNS and
 * ingress work.
 */
export async function applyWorkloads(layout: Layout, places: Places, say: (line: string) => void): Promise<void> {
  const kubectl = (args: readonly string[], input = "") =>
    run(join(binDir(places), "kubectl"), [`--kubeconfig=${layout.kubeconfig}`, ...args], { input });
  const folders = await definitionFolders(places, say);
  // Use server-side apply: client-side apply stores the whole object in an annotation, and the largest definitions do
  // not fit.
  await kubectl(["apply", "--server-side", ...folders.flatMap((folder) => ["-f", folder])]);
  await kubectl([
    "wait",
    "--for=condition=Established",
    "crd/gatewayclasses.gateway.networking.k8s.io",
    "crd/gateways.gateway.networking.k8s.io",
    "--timeout=30s",
  ]);
  const manifests = ["coredns.yaml", "traefik.yaml", "storage-class.yaml"].map((file) =>
    readFileSync(join(import.meta.dirname, file), "utf8"),
  );
  const filled = manifests
    .join("\n---\n")
    .replaceAll("DNS_ADDRESS", layout.dnsAddress)
    .replaceAll("NODE_ADDRESS", layout.nodeAddress);
  await kubectl(["apply", "--server-side", "-f", "-"], filled);
  await until("cluster DNS and Traefik to be available", () => workloadsAvailable(layout, places), 120_000, 200);
  say("cluster DNS and Traefik are available");
}

export async function workloadsAvailable(layout: Layout, places: Places): Promise<boolean> {
  for (const { namespace, name } of deployments) {
    const ready = await output(join(binDir(places), "kubectl"), [
      `--kubeconfig=${layout.kubeconfig}`,
      "-n",
      namespace,
      "get",
      "deployment",
      name,
      "-o",
      "jsonpath={.status.availableReplicas}",
    ]);
    if (ready !== "1") return false;
  }
  return true;
}
