import { join } from "node:path";
import { placesOf } from "../../testkit/programs/places.ts";
import { stateFile, type ClusterKind } from "../../testkit/cluster/up-state.ts";
import type { ClusterProvider } from "./cluster-provider.ts";
import { currentCluster } from "./current-cluster.ts";
import { kindCluster } from "./kind-cluster.ts";
import { labCluster } from "./lab-cluster.ts";

export function providerOf(cluster: ClusterKind, env: NodeJS.ProcessEnv): ClusterProvider {
  switch (cluster) {
    case "lab":
      return labCluster(placesOf(env), Number(env["LAB_INDEX"] ?? 0));
    case "kind":
      return kindCluster(join(stateFile(env), "../kind.kubeconfig"));
    case "current":
      return currentCluster(env);
  }
}
