import type { KubeObject } from "../../operator/src/api/kube-object.ts";
import type { WatchEvent, WatchOptions } from "../../operator/src/kube/kube.ts";
import type { Resource } from "../../operator/src/kube/resource.ts";
import type { ObjectTable, Write } from "./object-table.ts";
import { matchesFields, matchesLabels } from "./selectors.ts";

interface Open {
  deliver(event: WatchEvent): void;
  end(error: Error | undefined): void;
}

/** The watches on a table: what was written since, then what is written, until somebody ends them. No timers: a test ends them. */
export class FakeWatches {
  readonly #table: ObjectTable;
  readonly #open = new Set<Open>();
  /** What a watch delivers for an event: the event; nothing, to lose it; two, to double it. */
  alter: (event: WatchEvent) => readonly WatchEvent[] = (event) => [event];

  constructor(table: ObjectTable) {
    this.#table = table;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Tells every watch where the table is now. */
  bookmark(): void {
    for (const watch of this.#open)
      watch.deliver({ type: "BOOKMARK", object: { metadata: { resourceVersion: String(this.#table.version) } } });
  }

  /** Ends every watch: as a server does after timeoutSeconds, or as a broken connection when there is an error. */
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

/** An object that no longer matches was deleted as far as this watch can see, and one that begins to match was added. */
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
