import { strategicMerge } from "./strategic-merge.ts";

/**
 * A pod template after the user's patch (spec.podPatch). The patch cannot change the operator's own labels, because
 * selectors and watches need them.
 */
export function patchedPodTemplate(
  template: Record<string, unknown>,
  patch: object | undefined,
  ownLabels: Record<string, string>,
): Record<string, unknown> {
  const { metadata, ...rest } = strategicMerge(template, patch ?? {}) as {
    metadata?: { labels?: Record<string, string> } | null;
  };
  return { metadata: { ...metadata, labels: { ...metadata?.labels, ...ownLabels } }, ...rest };
}
