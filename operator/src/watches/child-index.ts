import type { KubeObject } from "../api/kube-object.ts";

/** The key "namespace/name" of the cluster that an object's label names. Undefined when the label is missing. */
export function clusterKeyOf({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.["app.kubernetes.io/instance"];
  return name === undefined || metadata.namespace === undefined ? undefined : `${metadata.namespace}/${name}`;
}

/**
 * The index remembers this many uids of deleted objects. When several operators write at the same time, the answer to a
 * write may arrive after the deletion of its object. Because the uid is remembered, such an answer does not add the
 * object again.
 */
const MAX_UIDS = 1000;

/**
 * Objects by cluster, so that a pass reads only the objects of its cluster. The API server's answer to our own write is
 * stored at once, before the watch reports the write.
 * An older event of a watch does not replace a newer object. An answer that arrives after the deletion of its object is
 * ignored: otherwise the object would seem to exist, and the operator would not create it again.
 */
export class ChildIndex {
  readonly #byCluster = new Map<string, Map<string, KubeObject>>();
  /** Objects that the operator has written and that no watch has reported yet, by uid. */
  readonly #unheard = new Map<string, KubeObject>();
  readonly #deleted = new Set<string>();

  of(clusterKey: string): KubeObject[] {
    return [...(this.#byCluster.get(clusterKey)?.values() ?? [])];
  }

  /**
   * Stores an object that a watch has reported. Returns its cluster's key, or undefined when the index did not change.
   */
  put(object: KubeObject): string | undefined {
    this.#unheard.delete(uidOf(object));
    this.#deleted.delete(uidOf(object));
    return this.#put(object);
  }

  /** Stores the API server's answer to our own write. The watch may report the write before or after this call. */
  remember(object: KubeObject): void {
    if (this.#deleted.has(uidOf(object))) return;
    const isHeardOf = this.#known(object)?.metadata.uid === object.metadata.uid && !this.#unheard.has(uidOf(object));
    if (!isHeardOf) this.#unheard.set(uidOf(object), object);
    this.#put(object);
  }

  /**
   * Updates an object that other programs create, such as a pod. An object that is not in the index was deleted, so it
   * is not added again.
   */
  refresh(object: KubeObject): void {
    if (this.#known(object)?.metadata.uid === object.metadata.uid) this.#put(object);
  }

  /**
   * Removes an object that a watch has reported as deleted. Returns its cluster's key, or undefined when the object was
   * not in the index.
   */
  delete(object: KubeObject): string | undefined {
    this.#deleted.add(uidOf(object));
    for (const oldest of this.#deleted) {
      if (this.#deleted.size <= MAX_UIDS) break;
      this.#deleted.delete(oldest);
    }
    this.#unheard.delete(uidOf(object));
    return this.remove(object);
  }

  /** Removes an object whose label now names another cluster. Returns the key of the cluster to which it belonged. */
  remove(object: KubeObject): string | undefined {
    const key = clusterKeyOf(object);
    const objects = key === undefined ? undefined : this.#byCluster.get(key);
    if (key === undefined || objects?.get(identityOf(object))?.metadata.uid !== object.metadata.uid) return undefined;
    objects?.delete(identityOf(object));
    if (objects?.size === 0) this.#byCluster.delete(key);
    return key;
  }

  /**
   * Call this after a whole list of a kind, with the list's resourceVersion. If the operator wrote an object before
   * this version and no watch has ever reported it, it was deleted again. Such objects are removed here. Returns the
   * keys of their clusters.
   */
  listed(kind: string, namespace: string | undefined, resourceVersion: string): string[] {
    const lost = [...this.#unheard.values()].filter(
      (object) =>
        object.kind === kind &&
        (namespace === undefined || object.metadata.namespace === namespace) &&
        isBelow(object.metadata.resourceVersion, resourceVersion),
    );
    return lost.flatMap((object) => this.delete(object) ?? []);
  }

  #known(object: KubeObject): KubeObject | undefined {
    return this.#byCluster.get(clusterKeyOf(object) ?? "")?.get(identityOf(object));
  }

  #put(object: KubeObject): string | undefined {
    const key = clusterKeyOf(object);
    if (key === undefined) return undefined;
    const known = this.#known(object);
    if (known !== undefined && known.metadata.uid === object.metadata.uid && isOlder(object, known)) return undefined;
    this.#byCluster.set(
      key,
      (this.#byCluster.get(key) ?? new Map<string, KubeObject>()).set(identityOf(object), object),
    );
    return key;
  }
}

export function isOlder(object: KubeObject, known: KubeObject): boolean {
  return isBelow(object.metadata.resourceVersion, known.metadata.resourceVersion);
}

/**
 * Whether the first resourceVersion is lower. Resource versions are growing numbers (Kubernetes 1.35, "Resource
 * versions"). If a server uses other texts, no version counts as lower, so the object that arrives last is kept.
 */
function isBelow(one = "", other = ""): boolean {
  if (!/^\d+$/.test(one) || !/^\d+$/.test(other)) return false;
  return one.length === other.length ? one < other : one.length < other.length;
}

function identityOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`;
}

function uidOf({ metadata }: KubeObject): string {
  return metadata.uid ?? "";
}
