import { connectClient } from "../../testkit/cluster/clients.ts";
import { until, type Fleet, type KubeView } from "../../testkit/cluster/fleet.ts";

/** Number of client connections of each gateway pod, as the pod's own metrics report it. */
export async function connectionsByPod(fleet: Fleet): Promise<Record<string, number>> {
  const pods = await fleet.gateways();
  const counts = await Promise.all(
    pods.map(async (pod) => [pod.metadata.name, await metric(fleet, pod, "realtime_connections")] as const),
  );
  return Object.fromEntries(counts);
}

/**
 * Waits until the ingress sends clients to every gateway. The ingress may learn of a pod only after the RealtimeCluster
 * is Ready.
 */
export async function untilRoutedToAll(fleet: Fleet): Promise<void> {
  await until(
    "the ingress to route to every gateway",
    async () => {
      const probes = await Promise.all(Array.from({ length: 4 }, (_, index) => connectClient(fleet, `probe-${index}`)));
      const counts = Object.values(await connectionsByPod(fleet));
      probes.forEach((probe) => probe.close());
      return counts.every((count) => count > 0);
    },
    30_000,
    500,
  );
  await until(
    "the connections of this check to be gone",
    async () => Object.values(await connectionsByPod(fleet)).every((count) => count === 0),
    10_000,
  );
}

/** The sum of all samples of a metric in a gateway pod. Throws when the pod does not have the metric. */
export async function metric(fleet: Fleet, pod: KubeView, name: string): Promise<number> {
  // Use the API server's proxy, because not every cluster lets this machine reach the pods' addresses.
  const text = await fleet.kubectl([
    "get",
    "--raw",
    `/api/v1/namespaces/${fleet.namespace}/pods/${pod.metadata.name}:9090/proxy/metrics`,
  ]);
  const samples = text.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  if (samples.length === 0) throw new Error(`${pod.metadata.name} has no metric ${name}`);
  return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
