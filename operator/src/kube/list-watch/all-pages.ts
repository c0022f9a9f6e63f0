import type { KubeObject } from "../../api/kube-object.ts";
import type { Kube, ListOptions, ObjectList } from "../kube.ts";
import type { Resource } from "../resource.ts";
import { isExpired } from "./sync-problem.ts";

const PAGE_SIZE = 500;
/** A list that expires before its last page is restarted this often. */
const MAX_ATTEMPTS = 3;

export interface PagesOptions extends ListOptions {
  /** Strips each object as it arrives. Default: keeps it. */
  keep?: (object: KubeObject) => KubeObject;
}

/**
 * A whole list, page by page. It asks for the newest state: a cached one could be older than what was seen before. Each
 * item goes through `keep` at once, so at most one page is held in full.
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
