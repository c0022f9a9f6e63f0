import type { KubeObject } from "../../api/kube-object.ts";

/**
 * A change of the store. `before` is what the store had; it is absent for "added". For "deleted", `object` is the last
 * state that the server sent.
 */
export type Change = { type: "added" | "modified" | "deleted"; object: KubeObject; before?: KubeObject };

/**
 * The last known state of objects, by namespace and name. Each method makes a change in the store before it yields it,
 * so that a listener that reads the store sees that change.
 */
export class ObjectStore {
  readonly #objects = new Map<string, KubeObject>();

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  values(): IterableIterator<KubeObject> {
    return this.#objects.values();
  }

  /**
   * Stores an object. The same uid and resourceVersion is no change. Another uid is another object: the old one is
   * deleted first.
   */
  *put(object: KubeObject): Generator<Change, void, void> {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before !== undefined && before.metadata.uid !== object.metadata.uid) {
      this.#objects.delete(key);
      yield { type: "deleted", object: before, before };
      this.#objects.set(key, object);
      yield { type: "added", object };
    } else if (before === undefined) {
      this.#objects.set(key, object);
      yield { type: "added", object };
    } else if (before.metadata.resourceVersion !== object.metadata.resourceVersion) {
      this.#objects.set(key, object);
      yield { type: "modified", object, before };
    }
  }

  /** Removes an object. It is no change when the object is not there, or when a newer object has its name. */
  *remove(object: KubeObject): Generator<Change, void, void> {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before === undefined || before.metadata.uid !== object.metadata.uid) return;
    this.#objects.delete(key);
    yield { type: "deleted", object, before };
  }

  /** Replaces the content of the store by exactly these objects. Deletions come first. */
  *replace(objects: readonly KubeObject[]): Generator<Change, void, void> {
    const listed = new Set(objects.map(keyOf));
    for (const [key, object] of this.#objects) {
      if (listed.has(key)) continue;
      this.#objects.delete(key);
      yield { type: "deleted", object, before: object };
    }
    for (const object of objects) yield* this.put(object);
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}
