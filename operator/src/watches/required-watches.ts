import type { ListWatch } from "../kube/list-watch/list-watch.ts";

type Watch = Pick<ListWatch, "isSynced" | "problem" | "heardAtMs">;

/** Watches of the kinds that every API server has. Before the first watch is added, they do not count as in sync. */
export class RequiredWatches {
  /** The namespace of each watch. Undefined: the watch covers all namespaces. */
  readonly #scopes = new Map<Watch, string | undefined>();

  add(watch: Watch, namespace: string | undefined): void {
    this.#scopes.set(watch, namespace);
  }

  get areSynced(): boolean {
    return this.#scopes.size > 0 && this.#watches().every(({ isSynced }) => isSynced);
  }

  /**
   * Whether the watches of this namespace, and those of all namespaces, are in sync. If one namespace cannot be read,
   * clusters in the others need not wait.
   */
  areSyncedIn(namespace: string | undefined): boolean {
    return (
      this.#scopes.size > 0 &&
      [...this.#scopes].every(([watch, where]) => watch.isSynced || (where !== undefined && where !== namespace))
    );
  }

  /**
   * Why the operator's data is out of date: the problem of the first watch that is out of sync, as a sentence.
   * Undefined when all watches are in sync.
   */
  get problem(): string | undefined {
    return this.#watches()
      .map(({ problem }) => problem)
      .find((text) => text !== undefined);
  }

  /**
   * When the API server last sent something on each watch; returns the earliest of these times. 0 when it has never
   * sent anything on one of them.
   */
  get heardAtMs(): number {
    return Math.min(...this.#watches().map(({ heardAtMs }) => heardAtMs ?? 0));
  }

  #watches(): Watch[] {
    return [...this.#scopes.keys()];
  }
}
