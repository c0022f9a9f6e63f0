import type { KubeObject } from "../api/kube-object.ts";
import type { ChildResource, ingressClasses } from "../api/resources.ts";

/**
 * A single object on which a cluster depends and that the cluster does not own. It is a Secret or an IngressClass that
 * the spec names, or another owner's object that has a child's name.
 */
export interface NamedObject {
  resource: ChildResource | typeof ingressClasses;
  /** Empty for a cluster-scoped object. */
  namespace: string;
  name: string;
}

/** What a watch knows about one named object. */
export interface NamedView {
  isSynced: boolean;
  object: KubeObject | undefined;
  /**
   * Why the API server does not let the operator read the object. Undefined when the operator may read it, or when the
   * API server cannot be reached.
   */
  refusal: string | undefined;
}

interface Running {
  users: Set<string>;
  view: () => NamedView;
  stop: () => void;
}

export interface NamedWatchesOptions {
  /**
   * Starts to watch one object by its name. Calls `onChange` after the first list, after each change, and when the API
   * server refuses.
   */
  watch: (named: NamedObject, onChange: () => void) => { view: () => NamedView; stop: () => void };
  onChange: (clusterKey: string) => void;
}

/**
 * Watches of single objects. Each watch runs while at least one cluster depends on its object. Each watch selects one
 * name, because the operator must not read or store all Secrets of a Kubernetes cluster.
 */
export class NamedWatches {
  readonly #options: NamedWatchesOptions;
  readonly #running = new Map<string, Running>();
  /** The objects on which each cluster depends, so that depend() need not search through all watches. */
  readonly #wanted = new Map<string, ReadonlySet<string>>();

  constructor(options: NamedWatchesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#running.size;
  }

  /**
   * Sets the objects on which this cluster depends. Ends the watches of objects on which no cluster depends any more.
   */
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
