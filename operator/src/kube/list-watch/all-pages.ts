import type { KubeObject } from "../../api/kube-object.ts";
import type { Kube, ListOptions, ObjectList } from "../kube.ts";
import type { Resource } from "../resource.ts";
import { isExpired } from "./sync-problem.ts";

const PAGE_SIZE = 500;
/**
 * When the continue token of a list expires before the last page, the list is read again from its first page. This is
 * the highest number of attempts.
 */
const MAX_ATTEMPTS = 3;

export interface PagesOptions extends ListOptions {
  /** Removes unneeded fields from an object as soon as its page has arrived. Default: removes nothing. */
  keep?: (object: KubeObject) => KubeObject;
}

/**
 * Reads a whole list, page by page. It requests the newest state, because the server's cached state could be older than
 * the objects that the caller already has. It applies `keep` to each page before it reads the next one, so only one
 * page is in memory with all fields.
 */
export async function allPages(
  kube: Pick<Kube, "list">,
  resource: Resource,
  { keep = (object) => object, ...scope }: PagesOptions,
  signal: AbortSignal,
): Promise<Omit<ObjectList, "continue">> {
  for (let attempt = 1; ; attempt++) {
    const items: KubeObject[] = [];
    let next: string | undefined;
    try {
      do {
        const page = await kube.list(
          resource,
          { ...scope, limit: PAGE_SIZE, ...(next === undefined ? {} : { continue: next }) },
          signal,
        );
        for (const item of page.items) items.push(keep(item));
        if (page.continue === undefined) return { items, resourceVersion: page.resourceVersion };
        next = page.continue;
      } while (!signal.aborted);
      throw signal.reason;
    } catch (error) {
      if (!isExpired(error) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
