// Provides volumes for the lab's PersistentVolumeClaims. Each volume is a folder of the node, as a PersistentVolume of
// type `local`: the kubelet honours fsGroup for `local`, but not for hostPath. A folder has no maximum size, so growing
// a volume changes only numbers.
import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { run } from "../../testkit/run.ts";

const PROVISIONER = "realtime-operator.local/lab";
const [kubectlProgram = "kubectl", kubeconfig = "", nodeName = "", volumes = ""] = process.argv.slice(2);
const kubectl = (args: readonly string[], input = "") =>
  run(kubectlProgram, [`--kubeconfig=${kubeconfig}`, ...args], { input });

interface Claim {
  metadata: { uid: string; name: string; namespace: string; annotations?: Record<string, string> };
  spec: {
    storageClassName?: string;
    volumeName?: string;
    accessModes: string[];
    resources: { requests: { storage: string } };
  };
  status?: { phase?: string; capacity?: { storage?: string } };
}
interface Volume {
  metadata: { name: string; annotations?: Record<string, string> };
  spec: { local?: { path: string } };
  status?: { phase?: string };
}

async function provision({ metadata, spec, status }: Claim): Promise<void> {
  const waits =
    status?.phase === "Pending" &&
    spec.volumeName === undefined &&
    metadata.annotations?.["volume.kubernetes.io/selected-node"] !== undefined;
  if (!waits || !isOurs(metadata)) return;
  const name = `pvc-${metadata.uid}`;
  const path = join(volumes, name);
  mkdirSync(path, { recursive: true, mode: 0o770 });
  const volume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": PROVISIONER } },
    spec: {
      capacity: { storage: spec.resources.requests.storage },
      accessModes: spec.accessModes,
      storageClassName: spec.storageClassName,
      persistentVolumeReclaimPolicy: "Delete",
      local: { path },
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        namespace: metadata.namespace,
        name: metadata.name,
        uid: metadata.uid,
      },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [nodeName] }] },
          ],
        },
      },
    },
  };
  await kubectl(["apply", "-f", "-"], JSON.stringify(volume));
}

/**
 * Whether this provisioner must provide the volume of a claim. Kubernetes writes the provisioner's name into this
 * annotation.
 */
function isOurs({ annotations }: Claim["metadata"]): boolean {
  return annotations?.["volume.kubernetes.io/storage-provisioner"] === PROVISIONER;
}

/**
 * Grows a volume to the size that its claim requests, by reporting the new size. The API server has already checked
 * that the StorageClass allows growth.
 */
async function grow({ metadata, spec, status }: Claim): Promise<void> {
  const capacity = { storage: spec.resources.requests.storage };
  const stands = status?.capacity?.storage;
  if (
    !isOurs(metadata) ||
    status?.phase !== "Bound" ||
    spec.volumeName === undefined ||
    stands === undefined ||
    stands === capacity.storage
  )
    return;
  await kubectl(["patch", "pv", spec.volumeName, "--type=merge", "--patch", JSON.stringify({ spec: { capacity } })]);
  await kubectl([
    "patch",
    "pvc",
    metadata.name,
    "--namespace",
    metadata.namespace,
    "--subresource=status",
    "--type=merge",
    "--patch",
    JSON.stringify({ status: { capacity } }),
  ]);
}

async function reclaim({ metadata, spec, status }: Volume): Promise<void> {
  if (
    metadata.annotations?.["pv.kubernetes.io/provisioned-by"] !== PROVISIONER ||
    !["Released", "Failed"].includes(status?.phase ?? "")
  )
    return;
  if (spec.local?.path.startsWith(`${volumes}/pvc-`) === true)
    rmSync(spec.local.path, { recursive: true, force: true });
  await kubectl(["delete", "pv", metadata.name, "--wait=false", "--ignore-not-found"]);
}

/**
 * Calls `changed` for every object of a kind, and again when it changes. Restarts a watch that ends, so `changed` gets
 * all objects again.
 */
function watch<T extends Claim | Volume>(resource: string, changed: (object: T) => Promise<void>): void {
  const child = spawn(
    kubectlProgram,
    [`--kubeconfig=${kubeconfig}`, "get", resource, "-A", "-w", "--output-watch-events", "-o", "json"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  createInterface({ input: child.stdout }).on("line", (line) => {
    const event = JSON.parse(line) as { type: string; object: T };
    if (event.type === "DELETED") return;
    changed(event.object).catch((error: unknown) =>
      process.stderr.write(`${resource} ${event.object.metadata.name}: ${String(error)}\n`),
    );
  });
  child.on("exit", () => setTimeout(() => watch(resource, changed), 1000));
}

watch<Claim>("persistentvolumeclaims", async (claim) => {
  await provision(claim);
  await grow(claim);
});
watch("persistentvolumes", reclaim);
