import type { KubeObject } from "../../api/kube-object.ts";
import type { Kube, ListOptions, ObjectList } from "../kube.ts";
import type { Resource } from "../resource.ts";
import { isExpired } from "./sync-problem.ts";

const PAGE_SIZE = 500;
/** How often a list is started, if it expires before its last page. */
const MAX_ATTEMPTS = 3;

export interface PagesOptions extends ListOptions {
  /** Reduces each object as soon as it arrives. Default: keeps the whole object. */
  keep?: (object: KubeObject) => KubeObject;
}

/**
 * Reads a whole list, page by page. It asks for the newest state, because a cached one could be older than what was
 * seen before. Each item goes through `keep` at once, so at most one page is in memory in full.
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
