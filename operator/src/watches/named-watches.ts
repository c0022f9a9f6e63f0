import type { KubeObject } from "../api/kube-object.ts";
import type { ChildResource } from "../api/resources.ts";

/**
 * One object that a cluster depends on and that is not the operator's: a Secret it names, or what stands in a child's
 * place.
 */
export interface NamedObject {
  resource: ChildResource;
  namespace: string;
  name: string;
}

/** What is known of it. */
export interface NamedView {
  isSynced: boolean;
  object: KubeObject | undefined;
  /** Why the API server does not let us read it, where that is so; not while it merely cannot be reached. */
  refusal: string | undefined;
}

interface Running {
  users: Set<string>;
  view: () => NamedView;
  stop: () => void;
}

export interface NamedWatchesOptions {
  /**
   * Starts a watch of one object by its name; `onChange` after each change, after the first sync, and when it is
   * refused.
   */
  watch: (named: NamedObject, onChange: () => void) => { view: () => NamedView; stop: () => void };
  onChange: (clusterKey: string) => void;
}

/**
 * Watches of single objects, each for as long as a cluster depends on it. One watch per name, not one of the whole
 * kind: the operator must neither read nor hold all Secrets of a cluster (design: no cluster-wide Secret list).
 */
export class NamedWatches {
  readonly #options: NamedWatchesOptions;
  readonly #running = new Map<string, Running>();
  /** What each cluster depends on, so that a look at one does not go through the watches of all. */
  readonly #wanted = new Map<string, ReadonlySet<string>>();

  constructor(options: NamedWatchesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#running.size;
  }

  /** From now on this cluster depends on these objects, and on no others. */
  depend(clusterKey: string, wanted: readonly NamedObject[]): void {
    const keys = new Set(wanted.map(keyOf));
    for (const named of wanted) this.#start(named).users.add(clusterKey);
    for (const key of this.#wanted.get(clusterKey) ?? []) if (!keys.has(key)) this.#leave(key, clusterKey);
    if (keys.size > 0) this.#wanted.set(clusterKey, keys);
    else this.#wanted.delete(clusterKey);
  }

  view(named: NamedObject): NamedView {
    return this.#running.get(keyOf(named))?.view() ?? { isSynced: false, object: undefined, refusal: undefined };
  }

  #start(named: NamedObject): Running {
    const key = keyOf(named);
    const known = this.#running.get(key);
    if (known !== undefined) return known;
    const users = new Set<string>();
    const watch = this.#options.watch(named, () => {
      for (const user of users) this.#options.onChange(user);
    });
    const running = { users, ...watch };
    this.#running.set(key, running);
    return running;
  }

  #leave(key: string, clusterKey: string): void {
    const running = this.#running.get(key);
    running?.users.delete(clusterKey);
    if (running === undefined || running.users.size > 0) return;
    running.stop();
    this.#running.delete(key);
  }
}

function keyOf({ resource, namespace, name }: NamedObject): string {
  return `${resource.plural}.${resource.group} ${namespace}/${name}`;
}
