import { labelsOf } from "../../../manifests/shared/labels.ts";
import type { Warning } from "./warning.ts";

/** Warns when a pod patch sets a label that the operator's selectors need. Such a label keeps the operator's value. */
export const patchedLabel: Warning = ({ cluster }) => {
  const { podPatch, redis } = cluster.spec;
  const patches = [
    { path: "spec.podPatch", patch: podPatch, component: "server" },
    { path: "spec.redis.managed.podPatch", patch: redis.managed?.podPatch, component: "redis" },
  ] as const;
  const ignored = patches.flatMap(({ path, patch, component }) =>
    ignoredLabels(patch, labelsOf(cluster, component)).map((label) => `${path} sets ${label}`),
  );
  if (ignored.length === 0) return undefined;
  return {
    reason: "PodPatchIgnored",
    message: `${ignored.join(", ")}: selectors need these labels, so pods keep the operator's values; remove them`,
  };
};

/** The schema does not validate patches, so any field may have any type. */
function ignoredLabels(patch: unknown, own: Readonly<Record<string, string>>): string[] {
  const { metadata } = (patch ?? {}) as { metadata?: { labels?: Record<string, unknown> | null } | null };
  const labels = metadata?.labels ?? {};
  return Object.keys(own).filter((label) => Object.hasOwn(labels, label) && labels[label] !== own[label]);
}
