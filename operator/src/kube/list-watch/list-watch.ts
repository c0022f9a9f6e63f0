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
  /** Absent: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** What is kept of an object: strip what nobody reads, but leave name, namespace, uid and resourceVersion. Default: the object itself. */
  keep?: (object: KubeObject) => KubeObject;
  /** After the store has changed; never after the signal aborted. A delete and recreate under one name is told as deleted, then added. */
  onChange(change: Change): void;
  /** Once, when the first list is in the store and told. */
  onSynced?(): void;
  /** After each whole list is in the store and told: what the store has not did not exist at this version. */
  onListed?(resourceVersion: string): void;
  /** It is refused from now on, as `isRefused` says. */
  onRefused?(): void;
  logger: Logger;
  clock: Clock;
  /** At least 0, below 1. */
  random(): number;
}

/** A server ends each watch after 240 to 480 s: watches that began together come back apart. */
const watchSeconds = 240;
/** A watch that held this long was a good one; one that ends sooner is a failure, or the loop would be a hot one. */
const goodAfterMs = 10_000;

/**
 * A local copy of the objects of one kind, kept by a list and then by watches, as client-go's reflector does it. Beyond that:
 * silence ends a watch, an object that was replaced is never told as modified, and it can always say why it is not in sync.
 * While it is not, the copy stays as it was; a kind that is gone does not look like one whose objects were deleted.
 */
export class ListWatch {
  readonly #options: ListWatchOptions;
  readonly #keep: (object: KubeObject) => KubeObject;
  readonly #scope: { namespace?: string; labelSelector?: string; fieldSelector?: string };
  readonly #store = new ObjectStore();
  readonly #state: SyncState;
  /** Where the next watch begins; undefined: list first. */
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

  /** The first list is in the store. It stays true; `problem` tells whether the store is up to date. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** When the server was last heard: a list, an accepted watch, an event, a bookmark. Never long ago while all is well (silence-watchdog.ts). */
  get heardAtMs(): number | undefined {
    return this.#state.heardAtMs;
  }

  /** Why it is not in sync now, as a sentence; undefined while all is well. */
  get problem(): string | undefined {
    return this.#state.problem;
  }

  /** The server does not let us read it or does not have it: that lasts until somebody grants or installs something. */
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
    const { items, resourceVersion } = await allPages(
      this.#options.kube,
      this.#options.resource,
      this.#scope,
      this.#keep,
      signal,
    );
    if (signal.aborted) return;
    this.#state.heard();
    this.#position = resourceVersion;
    for (const change of this.#store.replace(items)) this.#tell(() => this.#options.onChange(change), signal);
    this.#tell(() => this.#options.onListed?.(resourceVersion), signal);
    if (this.#isSynced) return;
    this.#isSynced = true;
    this.#tell(() => this.#options.onSynced?.(), signal);
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
    const timeoutSeconds = Math.round(watchSeconds * (1 + this.#options.random()));
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
      if (clock.now() - beganAtMs >= goodAfterMs) this.#state.recovered();
    }
    if (signal.aborted) return;
    if (watchdog.signal.aborted && !isOpen) throw watchdog.signal.reason;
    if (watchdog.signal.aborted) logger.debug({ resource: resource.plural }, "the watch was silent and is renewed");
    else if (clock.now() - beganAtMs < goodAfterMs) throw new Error("the server ended it at once");
  }

  #take(event: WatchEvent, signal: AbortSignal): void {
    if (event.type === "ERROR") throw new ApiError(event.message, { status: event.code, reason: event.reason });
    const { resourceVersion } = event.object.metadata;
    if (!resourceVersion)
      throw new ApiError(`a ${event.type} event came without a resourceVersion`, { status: 0, reason: "Unknown" });
    // Before the position moves on: an event that cannot be read must come again, not be lost.
    const object = event.type === "BOOKMARK" ? undefined : this.#keep(event.object);
    this.#position = resourceVersion;
    if (event.type === "BOOKMARK" || object === undefined) return;
    const changes = event.type === "DELETED" ? this.#store.remove(object) : this.#store.put(object);
    for (const change of changes) this.#tell(() => this.#options.onChange(change), signal);
  }

  /** A listener that throws has a bug of its own, and must not cost the others what comes next. */
  #tell(listener: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    try {
      listener();
    } catch (error) {
      this.#options.logger.warn({ resource: this.#options.resource.plural, err: error }, "a listener to changes threw");
    }
  }

  /** Says what is wrong, decides whether the position still holds, and waits. */
  async #backOff(error: unknown, signal: AbortSignal): Promise<void> {
    const { resource, logger, clock } = this.#options;
    const activity = this.#position === undefined ? "list" : "watch";
    const { waitMs, level, isNewRefusal } = this.#state.failed(resource, activity, error);
    if (isNewRefusal) this.#tell(() => this.#options.onRefused?.(), signal);
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
