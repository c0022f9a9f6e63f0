import type { KubeObject } from "../../api/kube-object.ts";
import type { Clock } from "../../engine/clock.ts";
import { allPages } from "./all-pages.ts";
import { ApiError } from "../errors.ts";
import type { Kube, WatchEvent } from "../kube.ts";
import type { Logger } from "../logger.ts";
import { ObjectStore, type Change } from "./object-store.ts";
import type { Resource } from "../resource.ts";
import { silenceWatchdog } from "./silence-watchdog.ts";
import { keepsPosition } from "./sync-problem.ts";
import { SyncState } from "./sync-state.ts";

export type { Change } from "./object-store.ts";

export interface ListWatchOptions {
  kube: Pick<Kube, "list" | "watch">;
  resource: Resource;
  /** Undefined: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /**
   * Removes fields that nothing reads. It must not remove name, namespace, uid and resourceVersion. Default: removes
   * nothing.
   */
  keep?: (object: KubeObject) => KubeObject;
  /**
   * Called after each change of the store, but not after the signal has aborted. If an object was deleted and created
   * again, it is called twice: first with "deleted", then with "added".
   */
  onChange(change: Change): void;
  /** Called once, after the first list is in the store and onChange was called for all its objects. */
  onSynced?(): void;
  /**
   * Called after each whole list, with the list's resourceVersion. An object that is now missing in the store did not
   * exist at this version.
   */
  onListed?(resourceVersion: string): void;
  /** Called when the API server begins to refuse, so that `isRefused` becomes true. */
  onRefused?(): void;
  logger: Logger;
  clock: Clock;
  /** A random number: at least 0, below 1. */
  random(): number;
}

/**
 * The API server ends each watch after 240 to 480 s. The time is random, so that the watches of all operators do not
 * reconnect at the same moment.
 */
const WATCH_SECONDS = 240;
/**
 * A watch that ends earlier than this counts as failed, so it has a pause before the next one. Otherwise a server that
 * ends each watch at once would cause a loop without pauses.
 */
const GOOD_AFTER_MS = 10_000;

/**
 * A local copy of one kind's objects, which is kept up to date by list and watch, as client-go's reflector does. When a
 * list or a watch fails, the copy keeps its objects. So the objects of an uninstalled kind do not count as deleted.
 */
export class ListWatch {
  readonly #options: ListWatchOptions;
  readonly #keep: (object: KubeObject) => KubeObject;
  readonly #scope: { namespace?: string; labelSelector?: string; fieldSelector?: string };
  readonly #store = new ObjectStore();
  readonly #state: SyncState;
  /** The resourceVersion from which the next watch continues. Undefined: the next request must be a list. */
  #position: string | undefined;
  #isSynced = false;

  constructor(options: ListWatchOptions) {
    const { namespace, labelSelector, fieldSelector, keep = (object) => object, clock } = options;
    this.#options = options;
    this.#keep = keep;
    this.#state = new SyncState(clock, () => options.random());
    this.#scope = {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
  }

  /** Lists and watches until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#position === undefined) await this.#list(signal);
        else await this.#watch(this.#position, signal);
      } catch (error) {
        if (!signal.aborted) await this.#backOff(error, signal);
      }
    }
  }

  /**
   * Whether the first list is in the store. It never becomes false again; `problem` says whether the store is up to
   * date now.
   */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /**
   * Time of the last list, accepted watch, event or bookmark. While the store is in sync, this time is recent, because
   * silence-watchdog.ts restarts silent watches.
   */
  get heardAtMs(): number | undefined {
    return this.#state.heardAtMs;
  }

  /** Why the store is out of sync, as a sentence. Undefined while it is in sync. */
  get problem(): string | undefined {
    return this.#state.problem;
  }

  /**
   * Whether the API server refuses the list or the watch: the operator may not read the kind, or the kind is not
   * installed. Only a user can change this.
   */
  get isRefused(): boolean {
    return this.#state.isRefused;
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#store.get(namespace, name);
  }

  values(): IterableIterator<KubeObject> {
    return this.#store.values();
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { kube, resource } = this.#options;
    const { items, resourceVersion } = await allPages(kube, resource, { ...this.#scope, keep: this.#keep }, signal);
    if (signal.aborted) return;
    this.#state.heard();
    this.#position = resourceVersion;
    for (const change of this.#store.replace(items)) this.#notify(() => this.#options.onChange(change), signal);
    this.#notify(() => this.#options.onListed?.(resourceVersion), signal);
    if (this.#isSynced) return;
    this.#isSynced = true;
    this.#notify(() => this.#options.onSynced?.(), signal);
  }

  async #watch(position: string, signal: AbortSignal): Promise<void> {
    const { kube, resource, clock, logger } = this.#options;
    const beganAtMs = clock.now();
    const watchdog = silenceWatchdog(clock, signal);
    let isOpen = false;
    const heard = () => {
      isOpen = true;
      watchdog.heard();
      this.#state.heard();
    };
    const timeoutSeconds = Math.round(WATCH_SECONDS * (1 + this.#options.random()));
    try {
      for await (const event of kube.watch(
        resource,
        { ...this.#scope, resourceVersion: position, timeoutSeconds, onOpen: heard },
        watchdog.signal,
      )) {
        if (signal.aborted) return;
        heard();
        this.#take(event, signal);
      }
    } finally {
      watchdog.stop();
      if (clock.now() - beganAtMs >= GOOD_AFTER_MS) this.#state.recovered();
    }
    if (signal.aborted) return;
    if (watchdog.signal.aborted && !isOpen) throw watchdog.signal.reason;
    if (watchdog.signal.aborted) logger.debug({ resource: resource.plural }, "restarted a silent watch");
    else if (clock.now() - beganAtMs < GOOD_AFTER_MS) throw new Error("the server ended the watch at once");
  }

  #take(event: WatchEvent, signal: AbortSignal): void {
    if (event.type === "ERROR") throw new ApiError(event.message, { status: event.code, reason: event.reason });
    const { resourceVersion } = event.object.metadata;
    if (!resourceVersion)
      throw new ApiError(`a ${event.type} event came without a resourceVersion`, { status: 0, reason: "Unknown" });
    // Process the event before the position moves past it. If `keep` throws, the next watch gets the event again, and
    // it is not lost.
    const object = event.type === "BOOKMARK" ? undefined : this.#keep(event.object);
    this.#position = resourceVersion;
    if (event.type === "BOOKMARK" || object === undefined) return;
    const changes = event.type === "DELETED" ? this.#store.remove(object) : this.#store.put(object);
    for (const change of changes) this.#notify(() => this.#options.onChange(change), signal);
  }

  /** If one listener throws because of a bug, the list-watch must still call the others. */
  #notify(listener: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    try {
      listener();
    } catch (error) {
      this.#options.logger.warn({ resource: this.#options.resource.plural, err: error }, "change listener failed");
    }
  }

  /** Logs the problem and waits. If the error makes the position invalid, the next attempt is a list. */
  async #backOff(error: unknown, signal: AbortSignal): Promise<void> {
    const { resource, logger, clock } = this.#options;
    const activity = this.#position === undefined ? "list" : "watch";
    const { waitMs, level, isNewRefusal } = this.#state.failed(resource, activity, error);
    if (isNewRefusal) this.#notify(() => this.#options.onRefused?.(), signal);
    if (!keepsPosition(error)) this.#position = undefined;
    logger[level](
      {
        resource: resource.plural,
        problem: this.problem,
        waitMs,
        next: this.#position === undefined ? "list" : "watch",
      },
      "list or watch failed, trying again",
    );
    await clock.wait(waitMs, signal);
  }
}
