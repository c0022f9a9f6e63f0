import type { KubeObject } from "../api/kube-object.ts";

/** "namespace/name" of the cluster an object belongs to by its label; undefined where it has none. */
export function clusterKeyOf({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.["app.kubernetes.io/instance"];
  return name === undefined || metadata.namespace === undefined ? undefined : `${metadata.namespace}/${name}`;
}

/** Uids of deleted objects that are kept: more than one operator has writes on their way at one time. */
const keptUids = 1000;

/**
 * Objects by the cluster they belong to, so that a look at one cluster costs what that cluster has. What we have just written is
 * put in before its event comes; events that are older than what is there are left out. The answer to a write may come after the
 * event of the object's deletion: a child that is listed and does not exist would never be made again.
 */
export class ChildIndex {
  readonly #byCluster = new Map<string, Map<string, KubeObject>>();
  /** Written by us, and not heard of since, by uid. */
  readonly #unheard = new Map<string, KubeObject>();
  readonly #deleted = new Set<string>();

  of(clusterKey: string): KubeObject[] {
    return [...(this.#byCluster.get(clusterKey)?.values() ?? [])];
  }

  /** What a watch says there is. Returns its cluster, or undefined where nothing has changed. */
  put(object: KubeObject): string | undefined {
    this.#unheard.delete(uidOf(object));
    this.#deleted.delete(uidOf(object));
    return this.#put(object);
  }

  /** What the API server answered to a write of ours, whichever of answer and event comes first. */
  remember(object: KubeObject): void {
    if (this.#deleted.has(uidOf(object))) return;
    const isHeardOf = this.#known(object)?.metadata.uid === object.metadata.uid && !this.#unheard.has(uidOf(object));
    if (!isHeardOf) this.#unheard.set(uidOf(object), object);
    this.#put(object);
  }

  /** The same for objects that others make: one that is not known is gone. */
  refresh(object: KubeObject): void {
    if (this.#known(object)?.metadata.uid === object.metadata.uid) this.#put(object);
  }

  /** A watch says it is deleted. Returns its cluster, or undefined where it was not known. */
  delete(object: KubeObject): string | undefined {
    this.#deleted.add(uidOf(object));
    for (const oldest of this.#deleted) {
      if (this.#deleted.size <= keptUids) break;
      this.#deleted.delete(oldest);
    }
    this.#unheard.delete(uidOf(object));
    return this.remove(object);
  }

  /** It is somebody else's by now, or not of interest any more. Returns the cluster that has lost it. */
  remove(object: KubeObject): string | undefined {
    const key = clusterKeyOf(object);
    const objects = key === undefined ? undefined : this.#byCluster.get(key);
    if (key === undefined || objects?.get(identityOf(object))?.metadata.uid !== object.metadata.uid) return undefined;
    objects?.delete(identityOf(object));
    if (objects?.size === 0) this.#byCluster.delete(key);
    return key;
  }

  /** All of a kind was listed at this version: what we wrote before it and never heard of was deleted unseen. Returns whose that was. */
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

/** Resource versions of one resource are numbers that grow (Kubernetes 1.35, "Resource versions"); of a server that has others, the order of arrival counts. */
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
