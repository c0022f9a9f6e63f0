import type { ListWatch } from "../kube/list-watch/list-watch.ts";

type Watch = Pick<ListWatch, "isSynced" | "problem" | "heardAtMs">;

/** Watches of kinds that every API server has. Before there are any, nothing is known. */
export class RequiredWatches {
  /** Where each looks: undefined is everywhere. */
  readonly #scopes = new Map<Watch, string | undefined>();

  add(watch: Watch, namespace: string | undefined): void {
    this.#scopes.set(watch, namespace);
  }

  get areSynced(): boolean {
    return this.#scopes.size > 0 && this.#watches().every(({ isSynced }) => isSynced);
  }

  /** Whether those that look there are. A namespace we may not read keeps no other waiting. */
  areSyncedIn(namespace: string | undefined): boolean {
    return (
      this.#scopes.size > 0 &&
      [...this.#scopes].every(([watch, where]) => watch.isSynced || (where !== undefined && where !== namespace))
    );
  }

  /** The first one that is not up to date, in words. */
  get problem(): string | undefined {
    return this.#watches()
      .map(({ problem }) => problem)
      .find((text) => text !== undefined);
  }

  /** When the API server was last heard on the one that heard least of it. */
  get heardAtMs(): number {
    return Math.min(...this.#watches().map(({ heardAtMs }) => heardAtMs ?? 0));
  }

  #watches(): Watch[] {
    return [...this.#scopes.keys()];
  }
}
