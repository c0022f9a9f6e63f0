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
  /** Strips what is not read, but must leave name, namespace, uid and resourceVersion. Default: keeps the object. */
  keep?: (object: KubeObject) => KubeObject;
  /**
   * Called after a change of the store, never after the abort. A recreated object is reported as deleted, then as
   * added.
   */
  onChange(change: Change): void;
  /** Called once, after the first list is in the store and reported. */
  onSynced?(): void;
  /** Called after each whole list: objects that are not in the store did not exist at this version. */
  onListed?(resourceVersion: string): void;
  /** Called when `isRefused` becomes true. */
  onRefused?(): void;
  logger: Logger;
  clock: Clock;
  /** A random number from 0 to below 1. */
  random(): number;
}

/** The server ends each watch after 240 to 480 s. The spread keeps watches from reconnecting together. */
const WATCH_SECONDS = 240;
/** A watch that ends sooner counts as a failure, or a server that ends watches at once would cause a hot loop. */
const GOOD_AFTER_MS = 10_000;

/**
 * A local copy of one kind's objects by list and watch, like client-go's reflector. While out of sync the copy stays,
 * so that an uninstalled kind does not look like deleted objects.
 */
export class ListWatch {
  readonly #options: ListWatchOptions;
  readonly #keep: (object: KubeObject) => KubeObject;
  readonly #scope: { namespace?: string; labelSelector?: string; fieldSelector?: string };
  readonly #store = new ObjectStore();
  readonly #state: SyncState;
  /** resourceVersion of the next watch; undefined: list first. */
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

  /** The first list is in the store. Stays true; `problem` says whether the store is up to date. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Time of the last list, accepted watch, event or bookmark. Recent while in sync (silence-watchdog.ts). */
  get heardAtMs(): number | undefined {
    return this.#state.heardAtMs;
  }

  /** Why it is not in sync, as a sentence; undefined while it is. */
  get problem(): string | undefined {
    return this.#state.problem;
  }

  /** Reading is forbidden or the kind is not installed: only a user can change that. */
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
    // Before moving the position: an event that cannot be read must be sent again, not lost.
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

  /** Logs the problem, decides whether the position is still valid, and waits. */
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
