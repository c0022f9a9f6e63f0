import type { KubeObject } from "../../api/kube-object.ts";

/**
 * A change of the store. `before` is the object that was in the store; it is absent for "added". For "deleted",
 * `object` is the last state that the server sent.
 */
export type Change = { type: "added" | "modified" | "deleted"; object: KubeObject; before?: KubeObject };

/**
 * The last known state of objects, by namespace and name. Each method first changes the store and then yields the
 * change. So a listener that reads the store sees the change.
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
   * Stores an object. It yields no change if uid and resourceVersion are the same as before. If the uid differs, the
   * old object was deleted in the meantime, so its deletion comes first.
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

  /**
   * Removes an object. It yields no change if the object is not in the store, or if a newer object with the same name
   * is.
   */
  *remove(object: KubeObject): Generator<Change, void, void> {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before === undefined || before.metadata.uid !== object.metadata.uid) return;
    this.#objects.delete(key);
    yield { type: "deleted", object, before };
  }

  /** Replaces the content of the store by exactly these objects. It yields the deletions first. */
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
