import { join } from "node:path";
import { loadAppImage } from "../../lab/src/images/app-image.ts";
import { layoutOf } from "../../lab/src/node/layout.ts";
import { startNode, stopNode } from "../../lab/src/node/node-cluster.ts";
import { binDir, type Places } from "../../testkit/programs/places.ts";
import type { ClusterProvider } from "./cluster-provider.ts";

/**
 * Uses the lab: a real Kubernetes in Linux namespaces of this machine. It needs Linux and root, and Go for the first
 * start.
 */
export function labCluster(places: Places, index: number): ClusterProvider {
  const layout = layoutOf(places, index);
  return {
    kind: "lab",
    redisImage: "lab.local/redis:7",
    async start(progress) {
      await startNode(places, index, (line) => progress.note(`  ${line}`));
      const program = (name: string) => join(binDir(places), name);
      return { kubeconfig: layout.kubeconfig, kubectl: program("kubectl"), helm: program("helm") };
    },
    async load(image) {
      await loadAppImage(image.folder, layout, places, () => undefined);
    },
    async stop() {
      return (await stopNode(places, index)) ? "deleted the lab cluster" : "there is no lab cluster";
    },
  };
}
