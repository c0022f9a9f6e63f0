import type { KubeObject } from "../../api/kube-object.ts";

/** `before` is what the store had: absent for "added". Of a deleted object `object` is its last state as the server told it. */
export type Change = { type: "added" | "modified" | "deleted"; object: KubeObject; before?: KubeObject };

/**
 * The last known state of some objects by namespace and name. It turns what a server says into what changed: each method
 * changes the store by one step at a time and yields the change after it, so a reader that looks sees what it is told.
 */
export class ObjectStore {
  readonly #objects = new Map<string, KubeObject>();

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  values(): IterableIterator<KubeObject> {
    return this.#objects.values();
  }

  /** The same uid and resourceVersion again is no change. Another uid is another object: the old one goes first. */
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

  /** Nothing when there is none, or when its name belongs to another object by now. */
  *remove(object: KubeObject): Generator<Change, void, void> {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before === undefined || before.metadata.uid !== object.metadata.uid) return;
    this.#objects.delete(key);
    yield { type: "deleted", object, before };
  }

  /** Makes it hold exactly these objects, first without those that vanished. */
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
