import type { ListWatch } from "../kube/list-watch/list-watch.ts";

type Watch = Pick<ListWatch, "isSynced" | "problem" | "heardAtMs">;

/** Watches of the kinds that every API server has. Without any watch, nothing counts as in sync. */
export class RequiredWatches {
  /** The namespace of each watch; undefined is all namespaces. */
  readonly #scopes = new Map<Watch, string | undefined>();

  add(watch: Watch, namespace: string | undefined): void {
    this.#scopes.set(watch, namespace);
  }

  get areSynced(): boolean {
    return this.#scopes.size > 0 && this.#watches().every(({ isSynced }) => isSynced);
  }

  /** Whether the watches that include this namespace are in sync. An unreadable namespace does not block the others. */
  areSyncedIn(namespace: string | undefined): boolean {
    return (
      this.#scopes.size > 0 &&
      [...this.#scopes].every(([watch, where]) => watch.isSynced || (where !== undefined && where !== namespace))
    );
  }

  /** Why the first watch that is out of sync is so, as a sentence. Undefined when all are in sync. */
  get problem(): string | undefined {
    return this.#watches()
      .map(({ problem }) => problem)
      .find((text) => text !== undefined);
  }

  /** The oldest time at which a watch last heard the API server: 0 when one never did. */
  get heardAtMs(): number {
    return Math.min(...this.#watches().map(({ heardAtMs }) => heardAtMs ?? 0));
  }

  #watches(): Watch[] {
    return [...this.#scopes.keys()];
  }
}
