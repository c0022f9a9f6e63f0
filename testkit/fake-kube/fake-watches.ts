import type { KubeObject } from "../../operator/src/api/kube-object.ts";
import type { WatchEvent, WatchOptions } from "../../operator/src/kube/kube.ts";
import type { Resource } from "../../operator/src/kube/resource.ts";
import type { ObjectTable, Write } from "./object-table.ts";
import { matchesFields, matchesLabels } from "./selectors.ts";

interface Open {
  deliver(event: WatchEvent): void;
  end(error: Error | undefined): void;
}

/**
 * The open watches on the fake's objects. A watch first gets the writes since its resourceVersion, then new ones. A
 * watch has no timeout: the test ends it.
 */
export class FakeWatches {
  readonly #table: ObjectTable;
  readonly #open = new Set<Open>();
  /**
   * Replaces each event by a list of events, so that a test can lose an event (empty list) or duplicate it (list of
   * two).
   */
  alter: (event: WatchEvent) => readonly WatchEvent[] = (event) => [event];

  constructor(table: ObjectTable) {
    this.#table = table;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Sends every watch a BOOKMARK event with the newest resourceVersion. */
  bookmark(): void {
    for (const watch of this.#open)
      watch.deliver({ type: "BOOKMARK", object: { metadata: { resourceVersion: String(this.#table.version) } } });
  }

  /**
   * Ends every watch. Without an error this looks like a timeout (timeoutSeconds), with an error like a broken
   * connection.
   */
  end(error?: Error): void {
    for (const watch of this.#open) watch.end(error);
  }

  async *watch(resource: Resource, options: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchEvent, void, void> {
    const queue: WatchEvent[] = [];
    let ended: { error: Error | undefined } | undefined;
    let wake = () => {};
    const watch: Open = {
      deliver(event) {
        if (ended !== undefined) return;
        queue.push(event);
        wake();
      },
      end(error) {
        ended ??= { error };
        wake();
      },
    };
    const abort = () => watch.end(undefined);
    const take = (write: Write) => {
      const event = eventOf(write, resource, options);
      if (event !== undefined) for (const altered of this.alter(event)) watch.deliver(altered);
    };
    const missed = this.#table.since(Number(options.resourceVersion));
    options.onOpen?.();
    if (missed === undefined) {
      yield {
        type: "ERROR",
        code: 410,
        reason: "Expired",
        message: `too old resource version: ${options.resourceVersion} (${this.#table.version})`,
      };
      return;
    }
    missed.forEach(take);
    const forget = this.#table.listen(take);
    this.#open.add(watch);
    signal.addEventListener("abort", abort, { once: true });
    try {
      for (;;) {
        if (signal.aborted) return;
        const next = queue.shift();
        if (next !== undefined) yield structuredClone(next);
        else if (ended !== undefined) break;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
      if (ended.error !== undefined) throw ended.error;
    } finally {
      signal.removeEventListener("abort", abort);
      this.#open.delete(watch);
      forget();
    }
  }
}

/**
 * The event that a watch with a selector gets for a write: DELETED when an object stops matching the selector, and
 * ADDED when it starts to match.
 */
function eventOf(
  { type, resource, object, before, version }: Write,
  wanted: Resource,
  options: WatchOptions,
): WatchEvent | undefined {
  if (resource.plural !== wanted.plural || resource.group !== wanted.group) return undefined;
  if (options.namespace !== undefined && object.metadata.namespace !== options.namespace) return undefined;
  const matches = (candidate: KubeObject | undefined) =>
    candidate !== undefined &&
    matchesLabels(options.labelSelector, candidate) &&
    matchesFields(options.fieldSelector, candidate);
  const [did, does] = [matches(before), type !== "DELETED" && matches(object)];
  if (did && does) return { type: "MODIFIED", object };
  if (does) return { type: "ADDED", object };
  if (did && before !== undefined)
    return {
      type: "DELETED",
      object: { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } },
    };
  return undefined;
}
