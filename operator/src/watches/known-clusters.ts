import type { KubeObject } from "../api/kube-object.ts";
import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import { isOlder } from "./child-index.ts";

/** The existing clusters by key. Of their managedFields, only the last writer of the spec is kept. */
export class KnownClusters {
  readonly #byKey = new Map<string, RealtimeCluster>();
  readonly #byHost = new Map<string, Set<string>>();

  get keys(): string[] {
    return [...this.#byKey.keys()];
  }

  get(key: string): RealtimeCluster | undefined {
    return this.#byKey.get(key);
  }

  /**
   * Stores a cluster that a watch has reported, unless a newer version is stored. If the cluster's spec has changed,
   * returns the keys of all other clusters that have its old or its new host, because their warnings may change.
   */
  put(cluster: RealtimeCluster): string[] {
    const key = keyOf(cluster);
    const known = this.#byKey.get(key);
    const isSame = known?.metadata.uid === cluster.metadata.uid;
    if (isSame && isOlder(cluster, known)) return [];
    const before = this.#keysSharingHost(key);
    this.#leaveHost(key);
    this.#byKey.set(key, withLastWriter(cluster));
    const host = hostOf(cluster);
    if (host !== undefined) this.#byHost.set(host, (this.#byHost.get(host) ?? new Set()).add(key));
    // The API server increases the generation only when the spec changes, not when the status changes.
    if (isSame && known?.metadata.generation === cluster.metadata.generation) return [];
    return [...new Set([...before, ...this.#keysSharingHost(key)])];
  }

  /** Other clusters that have the same host in spec.exposure. */
  sharingHost(key: string): RealtimeCluster[] {
    return this.#keysSharingHost(key).flatMap((other) => this.#byKey.get(other) ?? []);
  }

  /**
   * Stores the API server's answer to our own write. If the cluster was deleted in the meantime, it is not added again.
   */
  refresh(cluster: RealtimeCluster): string[] {
    return this.#isKnown(cluster) ? this.put(cluster) : [];
  }

  /**
   * Removes a cluster. Returns the keys of the other clusters with the same host, because their warnings may change.
   */
  delete(cluster: RealtimeCluster): string[] {
    if (!this.#isKnown(cluster)) return [];
    const key = keyOf(cluster);
    const shared = this.#keysSharingHost(key);
    this.#leaveHost(key);
    this.#byKey.delete(key);
    return shared;
  }

  #keysSharingHost(key: string): string[] {
    const keys = this.#byHost.get(hostOf(this.#byKey.get(key)) ?? "") ?? [];
    return [...keys].filter((other) => other !== key);
  }

  #leaveHost(key: string): void {
    const host = hostOf(this.#byKey.get(key)) ?? "";
    const keys = this.#byHost.get(host);
    keys?.delete(key);
    if (keys?.size === 0) this.#byHost.delete(host);
  }

  #isKnown(cluster: RealtimeCluster): boolean {
    return this.#byKey.get(keyOf(cluster))?.metadata.uid === cluster.metadata.uid;
  }
}

export function hostOf(cluster: RealtimeCluster | undefined): string | undefined {
  const exposure = cluster?.spec.exposure;
  return exposure === undefined || exposure.type === "None" ? undefined : exposure.host;
}

export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** With the name of the field manager that wrote last, for the log. Controllers write the status only. */
export function withLastWriter<T extends KubeObject>(cluster: T): T {
  const { managedFields = [], ...metadata } = cluster.metadata;
  const writers = managedFields.filter(({ subresource }) => subresource !== "status");
  const last = writers.toSorted((a, b) => ((a.time ?? "") < (b.time ?? "") ? 1 : -1))[0]?.manager;
  return {
    ...cluster,
    metadata: { ...metadata, ...(last === undefined ? {} : { managedFields: [{ manager: last }] }) },
  };
}
