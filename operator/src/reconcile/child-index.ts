import type { KubeObject } from "../api/kube-object.ts";

/** "namespace/name" of the cluster an object belongs to by its label; undefined where it has none. */
export function clusterKeyOf({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.["app.kubernetes.io/instance"];
  return name === undefined || metadata.namespace === undefined ? undefined : `${metadata.namespace}/${name}`;
}

/**
 * Objects by the cluster they belong to, so that a look at one cluster costs what that cluster has. What we have just written is
 * put in before its event comes; events that are older than what is there are left out.
 */
export class ChildIndex {
  readonly #byCluster = new Map<string, Map<string, KubeObject>>();

  of(clusterKey: string): KubeObject[] {
    return [...(this.#byCluster.get(clusterKey)?.values() ?? [])];
  }

  /** Returns the clusters whose children these are: one, or two when the label was moved. */
  put(object: KubeObject): string | undefined {
    const key = clusterKeyOf(object);
    if (key === undefined) return undefined;
    const objects = this.#byCluster.get(key) ?? new Map<string, KubeObject>();
    const known = objects.get(identityOf(object));
    if (known !== undefined && known.metadata.uid === object.metadata.uid && isOlder(object, known)) return undefined;
    this.#byCluster.set(key, objects.set(identityOf(object), object));
    return key;
  }

  remove(object: KubeObject): string | undefined {
    const key = clusterKeyOf(object);
    const objects = key === undefined ? undefined : this.#byCluster.get(key);
    if (key === undefined || objects?.get(identityOf(object))?.metadata.uid !== object.metadata.uid) return undefined;
    objects?.delete(identityOf(object));
    if (objects?.size === 0) this.#byCluster.delete(key);
    return key;
  }
}

/** Resource versions of one resource are numbers that grow (Kubernetes 1.35, "Resource versions"); a server that has others is believed in order. */
export function isOlder(object: KubeObject, known: KubeObject): boolean {
  const [one, other] = [object.metadata.resourceVersion ?? "", known.metadata.resourceVersion ?? ""];
  if (!/^\d+$/.test(one) || !/^\d+$/.test(other)) return false;
  return one.length === other.length ? one < other : one.length < other.length;
}

function identityOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`;
}
