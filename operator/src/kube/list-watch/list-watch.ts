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
   * Removes what nobody reads. It must leave name, namespace, uid and resourceVersion. Default: keeps the whole object.
   */
  keep?: (object: KubeObject) => KubeObject;
  /**
   * Called after each change of the store, but not after the abort. An object that was deleted and created again is
   * reported as deleted, then as added.
   */
  onChange(change: Change): void;
  /** Called once, when the first list is in the store and all its objects are reported. */
  onSynced?(): void;
  /** Called after each whole list. An object that is not in the store now did not exist at this version. */
  onListed?(resourceVersion: string): void;
  /** Called when `isRefused` becomes true. */
  onRefused?(): void;
  logger: Logger;
  clock: Clock;
  /** A random number: at least 0, below 1. */
  random(): number;
}

/** The server ends each watch after 240 to 480 s. The times differ, so that watches do not reconnect together. */
const WATCH_SECONDS = 240;
/**
 * A watch that ends sooner counts as a failure. Otherwise a server that ends each watch at once would cause a loop
 * without pauses.
 */
const GOOD_AFTER_MS = 10_000;

/**
 * A local copy of one kind's objects, kept by list and watch like client-go's reflector. While it is out of sync the
 * copy stays, so that objects of an uninstalled kind do not count as deleted.
 */
export class ListWatch {
  readonly #options: ListWatchOptions;
  readonly #keep: (object: KubeObject) => KubeObject;
  readonly #scope: { namespace?: string; labelSelector?: string; fieldSelector?: string };
  readonly #store = new ObjectStore();
  readonly #state: SyncState;
  /** The resourceVersion at which the next watch begins. Undefined: list first. */
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

  /** Whether the first list is in the store. It stays true; `problem` says whether the store is up to date. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Time of the last list, accepted watch, event or bookmark. While in sync, silence-watchdog.ts keeps it recent. */
  get heardAtMs(): number | undefined {
    return this.#state.heardAtMs;
  }

  /** Why the store is out of sync, as a sentence. Undefined while it is in sync. */
  get problem(): string | undefined {
    return this.#state.problem;
  }

  /**
   * Whether the API server refuses: reading is forbidden, or the kind is not installed. Only a user can change that.
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
    // Read the event before the position moves: an event that cannot be read must be sent again, not lost.
    const object = event.type === "BOOKMARK" ? undefined : this.#keep(event.object);
    this.#position = resourceVersion;
    if (event.type === "BOOKMARK" || object === undefined) return;
    const changes = event.type === "DELETED" ? this.#store.remove(object) : this.#store.put(object);
    for (const change of changes) this.#notify(() => this.#options.onChange(change), signal);
  }

  /** A bug in one listener must not stop the others. */
  #notify(listener: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    try {
      listener();
    } catch (error) {
      this.#options.logger.warn({ resource: this.#options.resource.plural, err: error }, "change listener failed");
    }
  }

  /** Logs the problem, drops the position if it is no longer valid, and waits. */
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
      "not in sync, trying again",
    );
    await clock.wait(waitMs, signal);
  }
}
