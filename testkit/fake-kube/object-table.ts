import type { KubeObject } from "../../operator/src/api/kube-object.ts";
import type { Resource } from "../../operator/src/kube/resource.ts";

/**
 * One write, as a watch delivers it. For DELETED, `object` is the last state, with the resourceVersion of the deletion.
 */
export interface Write {
  type: "ADDED" | "MODIFIED" | "DELETED";
  version: number;
  resource: Resource;
  object: KubeObject;
  before: KubeObject | undefined;
}

/** The first resourceVersion. All lower versions count as expired, as on a server that has run for some time. */
const FIRST_VERSION = 100;

/**
 * The storage of the fake API server: all objects, the history of writes, and listeners for new writes. It neither
 * copies nor freezes objects, so the callers must copy them.
 */
export class ObjectTable {
  readonly #objects = new Map<string, { resource: Resource; object: KubeObject }>();
  readonly #listeners = new Set<(write: Write) => void>();
  #history: Write[] = [];
  #version = FIRST_VERSION;
  #forgottenUpTo = FIRST_VERSION;

  get version(): number {
    return this.#version;
  }

  get(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(keyOf(resource, namespace, name))?.object;
  }

  /** All objects (of one kind), sorted by their key as etcd sorts them. */
  all(resource?: Resource): { resource: Resource; object: KubeObject }[] {
    const prefix = resource === undefined ? "" : `${resource.group}/${resource.plural}/`;
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, entry]) => entry);
  }

  /** Stores an object with the next resourceVersion and returns it. */
  put(resource: Resource, object: KubeObject): KubeObject {
    const { namespace, name } = object.metadata;
    const before = this.get(resource, namespace, name);
    const stored = this.#stamped(object);
    this.#objects.set(keyOf(resource, namespace, name), { resource, object: stored });
    this.#tell({
      type: before === undefined ? "ADDED" : "MODIFIED",
      version: this.#version,
      resource,
      object: stored,
      before,
    });
    return stored;
  }

  remove(resource: Resource, object: KubeObject): void {
    this.#objects.delete(keyOf(resource, object.metadata.namespace, object.metadata.name));
    const last = this.#stamped(object);
    this.#tell({ type: "DELETED", version: this.#version, resource, object: last, before: object });
  }

  /** Makes all resourceVersions up to now expire, as etcd's compaction does. */
  compact(): void {
    this.#history = [];
    this.#forgottenUpTo = this.#version;
  }

  /** The writes after this resourceVersion. Undefined when this version has expired. */
  since(version: number): readonly Write[] | undefined {
    return version < this.#forgottenUpTo ? undefined : this.#history.filter((write) => write.version > version);
  }

  listen(listener: (write: Write) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #stamped(object: KubeObject): KubeObject {
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
  }

  #tell(write: Write): void {
    this.#history.push(write);
    for (const listener of this.#listeners) listener(write);
  }
}

function keyOf(resource: Resource, namespace: string | undefined, name: string): string {
  return `${resource.group}/${resource.plural}/${resource.namespaced ? (namespace ?? "") : ""}/${name}`;
}
