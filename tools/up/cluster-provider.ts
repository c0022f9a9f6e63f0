import type { StagedImage } from "../../testkit/cluster/staged-image.ts";
import type { ClusterKind } from "../../testkit/cluster/up-state.ts";
import type { Progress } from "./progress.ts";

/** The kubeconfig of a running cluster, and the programs that use it, each as a path or a name on PATH. */
export interface Programs {
  kubeconfig: string;
  kubectl: string;
  helm: string;
}

/** A kind of cluster that `make up` can use. Every step can be repeated, and keeps what exists. */
export interface ClusterProvider {
  kind: ClusterKind;
  redisImage: string;
  start(progress: Progress): Promise<Programs>;
  /** Loads the image into the cluster's nodes. */
  load(image: StagedImage, workspace: string): Promise<void>;
  /** Ends the cluster, and returns a sentence about the result. A cluster of the user is not ended. */
  stop(): Promise<string>;
}
