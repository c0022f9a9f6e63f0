import type { StagedImage } from "../../testkit/cluster/staged-image.ts";
import type { ClusterKind } from "../../testkit/cluster/up-state.ts";
import type { Progress } from "./progress.ts";

/** How to reach a cluster that runs: paths or names of programs. */
export interface Programs {
  kubeconfig: string;
  kubectl: string;
  helm: string;
}

/** A kind of cluster that `make up` can use. Every step may be repeated; what is there already is kept. */
export interface ClusterProvider {
  kind: ClusterKind;
  redisImage: string;
  start(progress: Progress): Promise<Programs>;
  /** Makes the image known to the cluster's nodes. */
  load(image: StagedImage, workspace: string): Promise<void>;
  /** Ends the cluster, and says in a sentence what is so now. A cluster that is not ours is left alone. */
  stop(): Promise<string>;
}
