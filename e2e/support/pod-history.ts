import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { until, type Fleet, type KubeView } from "../../testkit/cluster/fleet.ts";

/**
 * Records all versions of the fleet's pods with a watch. If the test listed the pods instead, it would miss short-lived
 * ones.
 */
export interface PodHistory {
  /** All versions of a pod, oldest first. For a deleted pod, the last version is its state when it was deleted. */
  of(name: string): readonly KubeView[];
  isGone(name: string): boolean;
  stop(): void;
}

export async function startPodHistory(fleet: Fleet): Promise<PodHistory> {
  const versions = new Map<string, KubeView[]>();
  const gone = new Set<string>();
  const watch = spawn(
    fleet.state.kubectl,
    [
      `--kubeconfig=${fleet.state.kubeconfig}`,
      "--namespace",
      fleet.namespace,
      "get",
      "pods",
      "--watch",
      "--output-watch-events",
      "-o",
      "json",
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  createInterface({ input: watch.stdout }).on("line", (line) => {
    const { type, object } = JSON.parse(line) as { type: string; object: KubeView };
    versions.set(object.metadata.name, [...(versions.get(object.metadata.name) ?? []), object]);
    if (type === "DELETED") gone.add(object.metadata.name);
  });
  const pods = await fleet.gateways();
  await until(
    "the watch to deliver the gateways",
    async () => pods.every(({ metadata }) => versions.has(metadata.name)),
    20_000,
  );
  return { of: (name) => versions.get(name) ?? [], isGone: (name) => gone.has(name), stop: () => void watch.kill() };
}
