import type { ListWatch } from "../kube/list-watch/list-watch.ts";

type Watch = Pick<ListWatch, "isSynced" | "problem" | "heardAtMs">;

/** Watches of the kinds that every API server has. While there are no watches, nothing counts as in sync. */
export class RequiredWatches {
  /** The namespace of each watch. Undefined: all namespaces. */
  readonly #scopes = new Map<Watch, string | undefined>();

  add(watch: Watch, namespace: string | undefined): void {
    this.#scopes.set(watch, namespace);
  }

  get areSynced(): boolean {
    return this.#scopes.size > 0 && this.#watches().every(({ isSynced }) => isSynced);
  }

  /**
   * Whether the watches that cover this namespace are in sync. A namespace that cannot be read does not block the
   * others.
   */
  areSyncedIn(namespace: string | undefined): boolean {
    return (
      this.#scopes.size > 0 &&
      [...this.#scopes].every(([watch, where]) => watch.isSynced || (where !== undefined && where !== namespace))
    );
  }

  /** Why a watch is out of sync, as a sentence about the first such watch. Undefined when all watches are in sync. */
  get problem(): string | undefined {
    return this.#watches()
      .map(({ problem }) => problem)
      .find((text) => text !== undefined);
  }

  /**
   * When the API server last sent something on the watch that has been silent for longest. 0 when it never sent
   * anything on one of them.
   */
  get heardAtMs(): number {
    return Math.min(...this.#watches().map(({ heardAtMs }) => heardAtMs ?? 0));
  }

  #watches(): Watch[] {
    return [...this.#scopes.keys()];
  }
}
