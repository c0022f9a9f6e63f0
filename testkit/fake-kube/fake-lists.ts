import type { ListOptions, ObjectList } from "../../operator/src/kube/kube.ts";
import type { Resource } from "../../operator/src/kube/resource.ts";
import type { ObjectTable } from "./object-table.ts";
import { refusals } from "./refusals.ts";
import { matchesFields, matchesLabels } from "./selectors.ts";

/**
 * Answers list requests, page by page. All pages of a list show the objects as they were at the request for its first
 * page.
 */
export class FakeLists {
  readonly #table: ObjectTable;
  readonly #rests = new Map<string, ObjectList>();

  constructor(table: ObjectTable) {
    this.#table = table;
  }

  list(
    resource: Resource,
    { namespace, labelSelector, fieldSelector, limit, continue: token }: ListOptions,
  ): ObjectList {
    if (token !== undefined) {
      const rest = this.#rests.get(token);
      if (rest === undefined) throw refusals.expired();
      return this.#page(rest, limit);
    }
    const items = this.#table
      .all(resource)
      .map(({ object }) => object)
      .filter(
        (object) =>
          (namespace === undefined || object.metadata.namespace === namespace) &&
          matchesLabels(labelSelector, object) &&
          matchesFields(fieldSelector, object),
      );
    return this.#page({ items, resourceVersion: String(this.#table.version) }, limit);
  }

  /** Makes the continue tokens of unfinished lists expire. */
  expire(): void {
    this.#rests.clear();
  }

  #page({ items, resourceVersion }: ObjectList, limit = Infinity): ObjectList {
    if (items.length <= limit) return { items, resourceVersion };
    const token = `${resourceVersion}-${this.#rests.size}`;
    this.#rests.set(token, { items: items.slice(limit), resourceVersion });
    return { items: items.slice(0, limit), resourceVersion, continue: token };
  }
}
