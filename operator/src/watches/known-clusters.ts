import type { KubeObject } from "../api/kube-object.ts";
import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { isOlder } from "./child-index.ts";

/** The existing clusters by key, without their managedFields, which nothing reads. */
export class KnownClusters {
  readonly #byKey = new Map<string, RealtimeCluster>();

  get keys(): string[] {
    return [...this.#byKey.keys()];
  }

  get(key: string): RealtimeCluster | undefined {
    return this.#byKey.get(key);
  }

  /** Stores a cluster that a watch reported, unless a newer version is known. */
  put(cluster: RealtimeCluster): void {
    const key = keyOf(cluster);
    const known = this.#byKey.get(key);
    if (known?.metadata.uid !== cluster.metadata.uid || !isOlder(cluster, known))
      this.#byKey.set(key, withoutManagedFields(cluster) as RealtimeCluster);
  }

  /** Stores the answer to our own write. A cluster that was reported as deleted is not added again. */
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
