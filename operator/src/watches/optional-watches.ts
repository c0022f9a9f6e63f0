import { optionalResources, type ChildResource } from "../api/resources.ts";
import type { Clock } from "../engine/clock.ts";
import type { Kube } from "../kube/kube.ts";
import type { ListWatch } from "../kube/list-watch/list-watch.ts";
import type { Logger } from "../kube/logger.ts";
import { discoverOptionalKinds, isInstalled, type OptionalKinds, optionalName } from "./optional-kinds.ts";

export interface OptionalWatchesOptions {
  kube: Pick<Kube, "discover" | "openapi">;
  /** Begins to watch a kind until the signal aborts. */
  start: (resource: ChildResource, signal: AbortSignal) => readonly ListWatch[];
  /** Its watches have ended: what they saw is not there any more. */
  onGone: (watches: readonly ListWatch[]) => void;
  /** Other kinds can be made than before. */
  onKinds: () => void;
  logger: Logger;
  clock: Clock;
}

/** How often kinds are asked for while a cluster misses one, or a watch says that one went. */
const PROBE_MS = 15_000;
const FIRST_PROBE_RETRY_MS = 1_000;

/**
 * Watches of the kinds that an API server may lack, begun when discovery finds them and ended when it does not any
 * more.
 */
export class OptionalWatches {
  readonly #options: OptionalWatchesOptions;
  readonly #running = new Map<string, { watches: readonly ListWatch[]; stop: AbortController }>();
  /** Clusters that want a kind that is not installed. */
  readonly #missing = new Set<string>();
  #found: OptionalKinds = { installed: new Set(), routeRuleFields: new Set() };
  #hasProbed = false;
  #wasSettled = false;
  #isDoubted = false;

  constructor(options: OptionalWatchesOptions) {
    this.#options = options;
  }

  /**
   * Discovery has answered, and each kind it found first is in memory or refused to us. One that comes later keeps
   * nobody waiting.
   */
  get isSettled(): boolean {
    this.#wasSettled ||=
      this.#hasProbed &&
      [...this.#running.values()].every(({ watches }) =>
        watches.every(({ isSynced, isRefused }) => isSynced || isRefused),
      );
    return this.#wasSettled;
  }

  /** A kind that we may not watch counts as missing: it must not keep all the others waiting. */
  get kinds(): OptionalKinds {
    const { installed, routeRuleFields } = this.#found;
    return {
      installed: new Set(
        [...installed].filter((name) => this.#running.get(name)?.watches.every(({ isSynced }) => isSynced) === true),
      ),
      routeRuleFields,
    };
  }

  /** Kinds that this cluster wants and that are not installed, none included: they are looked out for. */
  miss(clusterKey: string, kinds: readonly string[]): void {
    if (kinds.length > 0) this.#missing.add(clusterKey);
    else this.#missing.delete(clusterKey);
  }

  /** Something says that a kind is not what it was: the next probe will tell. */
  doubt(): void {
    this.#isDoubted = true;
  }

  /** Asks until the signal aborts. In steady state nobody misses a kind, and nothing is asked. */
  async run(signal: AbortSignal): Promise<void> {
    const { kube, logger, clock } = this.#options;
    while (!signal.aborted) {
      if (!this.#hasProbed || this.#missing.size > 0 || this.#isDoubtful()) {
        try {
          this.#isDoubted = false;
          this.#adopt(await discoverOptionalKinds(kube, signal), signal);
        } catch (error) {
          if (!signal.aborted) logger.warn({ err: error }, "the kinds that the API server serves cannot be told");
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
