import { startControlPlane, type ControlPlane } from "../../testkit/control-plane/control-plane.ts";
import { realtimeClusters } from "../../operator/src/api/realtime-cluster.ts";
import { resources } from "../../operator/src/api/resources.ts";
import { connect } from "../../operator/src/kube/http/connect.ts";
import type { Kube } from "../../operator/src/kube/kube.ts";
import { ListWatch } from "../../operator/src/kube/list-watch/list-watch.ts";
import { systemClock } from "../../operator/src/kube/system-clock.ts";

const NAMESPACES = 10;
const JWT_SECRET = "0123456789abcdef".repeat(2);
const MANAGED = "app.kubernetes.io/managed-by=realtime-operator";

/** A control plane with ten namespaces, and watches that record what the operator writes there. */
export interface WatchedPlane {
  plane: ControlPlane;
  kube: Kube;
  namespaces: readonly string[];
  nameOf: (index: number) => { name: string; namespace: string };
  clusters: ListWatch;
  services: ListWatch;
  /**
   * For each ConfigMap that the operator manages ("namespace/name"), the time of its last change as of
   * performance.now().
   */
  changedAtMs: Map<string, number>;
  stop(): Promise<void>;
}

export async function startWatchedPlane(): Promise<WatchedPlane> {
  const plane = await startControlPlane();
  const stop = new AbortController();
  const { kube } = connect({ kubeconfig: plane.kubeconfig });
  await plane.kubectl(["apply", "--server-side", "-f", "crds/realtimeclusters.yaml"]);
  const namespaces = Array.from({ length: NAMESPACES }, (_, index) => `fleet-${index}`);
  for (const name of namespaces) {
    await plane.kubectl(["create", "namespace", name]);
    await plane.kubectl(["-n", name, "create", "secret", "generic", "jwt", `--from-literal=secret=${JWT_SECRET}`]);
  }
  const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  const watched = { kube, logger, clock: systemClock, random: Math.random, onChange: () => undefined };
  const changedAtMs = new Map<string, number>();
  const clusters = new ListWatch({ ...watched, resource: realtimeClusters });
  const services = new ListWatch({ ...watched, resource: resources.services, labelSelector: MANAGED });
  const configMaps = new ListWatch({
    ...watched,
    resource: resources.configMaps,
    labelSelector: MANAGED,
    onChange: ({ object: { metadata } }) =>
      changedAtMs.set(`${metadata.namespace}/${metadata.name}`, performance.now()),
  });
  for (const watch of [clusters, configMaps, services]) void watch.run(stop.signal);
  return {
    ...{ plane, kube, namespaces, clusters, services, changedAtMs },
    nameOf: (index) => ({ name: `chat-${index}`, namespace: namespaces[index % NAMESPACES]! }),
    async stop() {
      stop.abort();
      await plane.stop();
    },
  };
}
