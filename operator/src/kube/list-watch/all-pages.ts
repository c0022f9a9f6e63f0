import type { KubeObject } from "../../api/kube-object.ts";
import type { Kube, ListOptions, ObjectList } from "../kube.ts";
import type { Resource } from "../resource.ts";
import { isExpired } from "./sync-problem.ts";

const pageSize = 500;
/** A list that expires before its last page is begun anew this often; then the error is thrown. */
const attempts = 3;

/**
 * A whole list, page by page. It asks for the newest state, not for any that a server remembers: after a restart, or behind a
 * load balancer, that could go back in time. Each item goes through keep as it comes, so a page is all that is held unstripped.
 */
export async function allPages(
  kube: Pick<Kube, "list">,
  resource: Resource,
  scope: ListOptions,
  keep: (object: KubeObject) => KubeObject,
  signal: AbortSignal,
): Promise<Omit<ObjectList, "continue">> {
  for (let attempt = 1; ; attempt++) {
    const items: KubeObject[] = [];
    let next: string | undefined;
    try {
      do {
        const page = await kube.list(
          resource,
          { ...scope, limit: pageSize, ...(next === undefined ? {} : { continue: next }) },
          signal,
        );
        for (const item of page.items) items.push(keep(item));
        if (page.continue === undefined) return { items, resourceVersion: page.resourceVersion };
        next = page.continue;
      } while (!signal.aborted);
      throw signal.reason;
    } catch (error) {
      if (!isExpired(error) || attempt === attempts) throw error;
    }
  }
}
