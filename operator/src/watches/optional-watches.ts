import { optionalResources, type ChildResource } from "../api/resources.ts";
import type { Clock } from "../engine/clock.ts";
import type { Kube } from "../kube/kube.ts";
import type { ListWatch } from "../kube/list-watch/list-watch.ts";
import type { Logger } from "../kube/logger.ts";
import { discoverOptionalKinds, isInstalled, type OptionalKinds, optionalName } from "./optional-kinds.ts";

export interface OptionalWatchesOptions {
  kube: Pick<Kube, "discover" | "openapi">;
  /** Starts to watch a kind. The watches end when the signal aborts. */
  start: (resource: ChildResource, signal: AbortSignal) => readonly ListWatch[];
  /**
   * Called when a kind was removed from the API server and its watches have ended. All its objects were deleted too.
   */
  onGone: (watches: readonly ListWatch[]) => void;
  /** Called when the set of installed kinds has changed. */
  onKinds: () => void;
  logger: Logger;
  clock: Clock;
}

/**
 * Time between two discoveries. Discovery is repeated while a cluster needs a kind that is not installed, and while a
 * kind may have been removed.
 */
const PROBE_MS = 15_000;
const FIRST_PROBE_RETRY_MS = 1_000;

/**
 * Watches of optional kinds. A watch starts when discovery finds its kind, and ends when discovery no longer finds it.
 */
export class OptionalWatches {
  readonly #options: OptionalWatchesOptions;
  readonly #running = new Map<string, { watches: readonly ListWatch[]; stop: AbortController }>();
  /** Keys of the clusters that need a kind that is not installed. */
  readonly #missing = new Set<string>();
  #found: OptionalKinds = { installed: new Set(), routeRuleFields: new Set() };
  #hasProbed = false;
  #wasSettled = false;
  #isDoubted = false;

  constructor(options: OptionalWatchesOptions) {
    this.#options = options;
  }

  /**
   * True once discovery has answered and each kind that it found is in sync, or its watch is refused. It then stays
   * true, also when more kinds are installed later.
   */
  get isSettled(): boolean {
    this.#wasSettled ||=
      this.#hasProbed &&
      [...this.#running.values()].every(({ watches }) =>
        watches.every(({ isSynced, isRefused }) => isSynced || isRefused),
      );
    return this.#wasSettled;
  }

  /**
   * The installed kinds. A kind that the operator may not watch counts as not installed, so that passes do not wait for
   * it.
   */
  get kinds(): OptionalKinds {
    const { installed, routeRuleFields } = this.#found;
    return {
      installed: new Set(
        [...installed].filter((name) => this.#running.get(name)?.watches.every(({ isSynced }) => isSynced) === true),
      ),
      routeRuleFields,
    };
  }

  /**
   * Sets the kinds that this cluster needs and that are not installed. Discovery is repeated while any cluster needs
   * such a kind.
   */
  miss(clusterKey: string, kinds: readonly string[]): void {
    if (kinds.length > 0) this.#missing.add(clusterKey);
    else this.#missing.delete(clusterKey);
  }

  /** Requests another discovery soon, because a kind may have been installed or removed. */
  rediscover(): void {
    this.#isDoubted = true;
  }

  /**
   * Runs discovery until the signal aborts. After the first discovery, it sends a request only while a cluster needs a
   * missing kind or a kind may have been removed.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { kube, logger, clock } = this.#options;
    while (!signal.aborted) {
      if (!this.#hasProbed || this.#missing.size > 0 || this.#isDoubtful()) {
        try {
          this.#isDoubted = false;
          this.#adopt(await discoverOptionalKinds(kube, signal), signal);
        } catch (error) {
          if (!signal.aborted) logger.warn({ err: error }, "API discovery failed");
        }
      }
      await clock.wait(this.#hasProbed ? PROBE_MS : FIRST_PROBE_RETRY_MS, signal);
    }
  }

  #isDoubtful(): boolean {
    return (
      this.#isDoubted || [...this.#running.values()].some(({ watches }) => watches.some(({ isRefused }) => isRefused))
    );
  }

  #adopt(found: OptionalKinds, signal: AbortSignal): void {
    const before = this.#found;
    const isFirst = !this.#hasProbed;
    this.#found = found;
    this.#hasProbed = true;
    for (const resource of optionalResources) {
      const name = optionalName(resource);
      const running = this.#running.get(name);
      if (isInstalled(resource, found) && running === undefined) {
        const stop = new AbortController();
        this.#running.set(name, {
          watches: this.#options.start(resource, AbortSignal.any([signal, stop.signal])),
          stop,
        });
      } else if (!isInstalled(resource, found) && running !== undefined) {
        running.stop.abort();
        this.#running.delete(name);
        this.#options.onGone(running.watches);
      }
    }
    if (isFirst || [...found.installed].join() !== [...before.installed].join()) this.#options.onKinds();
  }
}
