import type { KubeObject } from "../api/kube-object.ts";

/** The key "namespace/name" of the cluster that an object's label names. Undefined when the label is missing. */
export function clusterKeyOf({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.["app.kubernetes.io/instance"];
  return name === undefined || metadata.namespace === undefined ? undefined : `${metadata.namespace}/${name}`;
}

/**
 * How many uids of deleted objects are kept. Answers to writes of several operators may still arrive for these objects.
 */
const MAX_UIDS = 1000;

/**
 * Objects by cluster, so that a pass reads only its own objects. An answer to our own write is stored before its event
 * arrives. Older events are ignored, and so are answers that arrive after a deletion, because a deleted child must be
 * created again.
 */
export class ChildIndex {
  readonly #byCluster = new Map<string, Map<string, KubeObject>>();
  /** Objects that we have written and no watch has reported yet, by uid. */
  readonly #unheard = new Map<string, KubeObject>();
  readonly #deleted = new Set<string>();

  of(clusterKey: string): KubeObject[] {
    return [...(this.#byCluster.get(clusterKey)?.values() ?? [])];
  }

  /** Stores an object that a watch has reported. Returns its cluster, or undefined when nothing has changed. */
  put(object: KubeObject): string | undefined {
    this.#unheard.delete(uidOf(object));
    this.#deleted.delete(uidOf(object));
    return this.#put(object);
  }

  /** Stores the API server's answer to our own write. The write's event may come before or after this call. */
  remember(object: KubeObject): void {
    if (this.#deleted.has(uidOf(object))) return;
    const isHeardOf = this.#known(object)?.metadata.uid === object.metadata.uid && !this.#unheard.has(uidOf(object));
    if (!isHeardOf) this.#unheard.set(uidOf(object), object);
    this.#put(object);
  }

  /** Updates an object that other programs create. An object that is not known was deleted, so it is ignored. */
  refresh(object: KubeObject): void {
    if (this.#known(object)?.metadata.uid === object.metadata.uid) this.#put(object);
  }

  /**
   * Removes an object that a watch has reported as deleted. Returns its cluster, or undefined when the object was not
   * known.
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

  /** Removes an object that now belongs to another cluster or kind. Returns the cluster that has lost it. */
  remove(object: KubeObject): string | undefined {
    const key = clusterKeyOf(object);
    const objects = key === undefined ? undefined : this.#byCluster.get(key);
    if (key === undefined || objects?.get(identityOf(object))?.metadata.uid !== object.metadata.uid) return undefined;
    objects?.delete(identityOf(object));
    if (objects?.size === 0) this.#byCluster.delete(key);
    return key;
  }

  /**
   * Call this after a whole list of a kind at this version. If no watch ever reported an object that we wrote before
   * this version, it was deleted: it is removed here. Returns the clusters of such objects.
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
 * Whether the first version is lower. Resource versions are growing numbers (Kubernetes 1.35, "Resource versions"). If
 * a server has other versions, the order of arrival decides.
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
