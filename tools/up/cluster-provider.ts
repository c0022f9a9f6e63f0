import type { StagedImage } from "../../testkit/cluster/staged-image.ts";
import type { ClusterKind } from "../../testkit/cluster/up-state.ts";
import type { Progress } from "./progress.ts";

/** The kubeconfig of a running cluster, and the programs to use it with: each is a path, or a name in PATH. */
export interface Programs {
  kubeconfig: string;
  kubectl: string;
  helm: string;
}

/** How `make up` uses one kind of cluster. Every step can be repeated, and keeps what already exists. */
export interface ClusterProvider {
  kind: ClusterKind;
  redisImage: string;
  start(progress: Progress): Promise<Programs>;
  /** Makes an image available on the cluster's nodes. */
  load(image: StagedImage, workspace: string): Promise<void>;
  /** Ends the cluster if `make up` created it. Returns a sentence that says what was done. */
  stop(): Promise<string>;
}
