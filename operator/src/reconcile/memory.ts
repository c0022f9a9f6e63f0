import type { KubeObject } from "../api/kube-object.ts";
import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import type { WriteHistory } from "./drift/write-backoff.ts";
import type { ForeignObject, RefusedGrowth } from "./facts/facts.ts";
import type { NamedObject } from "../watches/named-watches.ts";
import type { SeenSpec, SpecEdit } from "./changes/spec-edit.ts";
import type { GatewayAnswer } from "../gateways/gateway-answer.ts";

/**
 * What earlier passes learned about a cluster, and what Kubernetes does not store. If the operator loses it, it repeats
 * a few requests, and all results stay correct.
 */
export interface Remembered {
  readonly uid: string;
  answers: ReadonlyMap<string, GatewayAnswer>;
  foreign: readonly (ForeignObject & { watched: NamedObject })[];
  refusedGrowth: ReadonlyMap<string, RefusedGrowth>;
  /** For each child, by uid: the hash of the values in our fields after our last write. */
  knownValues: ReadonlyMap<string, string>;
  missingKinds: readonly string[];
  writeHistory: WriteHistory;
  /** The spec of the last pass. Undefined before the first pass of this operator. */
  seen?: SeenSpec;
  /** The last edit, until all its writes have succeeded. */
  unapplied?: SpecEdit | undefined;
  /** True once a write was refused because the namespace is being deleted. This never becomes false again. */
  hasEndingNamespace?: true;
}

/**
 * The remembered values of each cluster. A cluster that was deleted and created again starts without values. When a pod
 * was deleted, its answer is removed.
 */
export class Memory {
  readonly #byKey = new Map<string, Remembered>();

  of(key: string, { metadata }: RealtimeCluster, pods: readonly KubeObject[]): Remembered {
    let remembered = this.#byKey.get(key);
    if (remembered?.uid !== metadata.uid) {
      remembered = {
        uid: metadata.uid,
        answers: new Map(),
        foreign: [],
        refusedGrowth: new Map(),
        knownValues: new Map(),
        missingKinds: [],
        writeHistory: new Map(),
      };
      this.#byKey.set(key, remembered);
    }
    const uids = new Set(pods.map((pod) => pod.metadata.uid));
    if ([...remembered.answers.keys()].some((uid) => !uids.has(uid)))
      remembered.answers = new Map([...remembered.answers].filter(([uid]) => uids.has(uid)));
    return remembered;
  }

  /** Returns whether the cluster was known. */
  forget(key: string): boolean {
    return this.#byKey.delete(key);
  }
}
