import type { KubeObject } from "../api/kube-object.ts";
import type { ChildResource, ingressClasses } from "../api/resources.ts";

/**
 * An object that a cluster depends on and the operator does not own: a Secret or an IngressClass it names, or a foreign
 * object with a child's name.
 */
export interface NamedObject {
  resource: ChildResource | typeof ingressClasses;
  /** Empty for a cluster-scoped object. */
  namespace: string;
  name: string;
}

/** The state of one named object. */
export interface NamedView {
  isSynced: boolean;
  object: KubeObject | undefined;
  /** Why the API server does not allow reading the object. Undefined while the server only cannot be reached. */
  refusal: string | undefined;
}

interface Running {
  users: Set<string>;
  view: () => NamedView;
  stop: () => void;
}

export interface NamedWatchesOptions {
  /**
   * Starts a watch of one object by name. Calls `onChange` after the first sync, after each change, and on a refusal.
   */
  watch: (named: NamedObject, onChange: () => void) => { view: () => NamedView; stop: () => void };
  onChange: (clusterKey: string) => void;
}

/**
 * Watches of single objects, each while a cluster depends on it. One watch per name, because the operator must not read
 * or store all Secrets of a Kubernetes cluster.
 */
export class NamedWatches {
  readonly #options: NamedWatchesOptions;
  readonly #running = new Map<string, Running>();
  /** The objects that each cluster depends on, so that a pass need not search all watches. */
  readonly #wanted = new Map<string, ReadonlySet<string>>();

  constructor(options: NamedWatchesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Sets the objects that this cluster depends on. Watches that no cluster needs any more end. */
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
