import type { KubeObject } from "../api/kube-object.ts";
import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { isOlder } from "./child-index.ts";

/** The clusters there are, by key, without their managedFields, which nobody reads. */
export class KnownClusters {
  readonly #byKey = new Map<string, RealtimeCluster>();

  get keys(): string[] {
    return [...this.#byKey.keys()];
  }

  get(key: string): RealtimeCluster | undefined {
    return this.#byKey.get(key);
  }

  /** What a watch says there is, unless we know of something newer. */
  put(cluster: RealtimeCluster): void {
    const key = keyOf(cluster);
    const known = this.#byKey.get(key);
    if (known?.metadata.uid !== cluster.metadata.uid || !isOlder(cluster, known))
      this.#byKey.set(key, withoutManagedFields(cluster) as RealtimeCluster);
  }

  /**
   * What the API server answered to a write of ours. One whose deletion was heard before the answer must not come to
   * life again.
   */
  refresh(cluster: RealtimeCluster): void {
    if (this.#isKnown(cluster)) this.put(cluster);
  }

  delete(cluster: RealtimeCluster): void {
    if (this.#isKnown(cluster)) this.#byKey.delete(keyOf(cluster));
  }

  #isKnown(cluster: RealtimeCluster): boolean {
    return this.#byKey.get(keyOf(cluster))?.metadata.uid === cluster.metadata.uid;
  }
}

export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

export function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  return { ...object, metadata };
}
