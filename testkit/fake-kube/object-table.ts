import type { KubeObject } from "../../operator/src/api/kube-object.ts";
import type { Resource } from "../../operator/src/kube/resource.ts";

/**
 * One write, in the form in which a watch delivers it. DELETED has the last state, with the resourceVersion of the
 * deletion.
 */
export interface Write {
  type: "ADDED" | "MODIFIED" | "DELETED";
  version: number;
  resource: Resource;
  object: KubeObject;
  before: KubeObject | undefined;
}

/** The first resourceVersion. Lower versions are expired, as on a server that has run for a while. */
const FIRST_VERSION = 100;

/**
 * All objects, all writes in order, and listeners for writes. Objects are not copied here, so callers must copy them.
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

  /** The objects sorted by key, as in etcd. */
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

  /** Makes all earlier resourceVersions expire. */
  compact(): void {
    this.#history = [];
    this.#forgottenUpTo = this.#version;
  }

  /** The writes after this version. Undefined when they have expired. */
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
