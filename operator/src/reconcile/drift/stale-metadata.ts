import type { KubeObject } from "../../api/kube-object.ts";
import { recordAnnotation, type Manifest } from "../../manifests/shared/child.ts";

/** The keys of labels and annotations that an earlier spec added to an object. */
export interface StaleMetadata {
  labels: readonly string[];
  annotations: readonly string[];
}

type Metadata = Partial<Record<"labels" | "annotations", Readonly<Record<string, string>>>>;

/**
 * The keys that an earlier spec added, according to the object's annotation, and that the manifest does not have.
 * Undefined when there are none.
 */
export function staleMetadataOf({ metadata: has }: KubeObject, manifest: Manifest): StaleMetadata | undefined {
  const wanted = manifest.metadata as Metadata;
  const recorded = recordIn(has.annotations?.[recordAnnotation]);
  const staleIn = (part: keyof StaleMetadata, keys: readonly string[]): string[] =>
    keys.filter((key) => has[part]?.[key] !== undefined && wanted[part]?.[key] === undefined);
  const stale = {
    labels: staleIn("labels", recorded.labels),
    annotations: staleIn("annotations", [...recorded.annotations, recordAnnotation]),
  };
  return stale.labels.length + stale.annotations.length === 0 ? undefined : stale;
}

/** Parses the annotation. Any client can write it, so any text is possible. */
function recordIn(text = "{}"): StaleMetadata {
  try {
    const { labels, annotations } = (JSON.parse(text) ?? {}) as Record<string, unknown>;
    return { labels: textsIn(labels), annotations: textsIn(annotations) };
  } catch {
    return { labels: [], annotations: [] };
  }
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** The merge patch that removes the stale keys. The API server refuses it if the object has changed in the meantime. */
export function removalPatch({ metadata }: KubeObject, { labels, annotations }: StaleMetadata): object {
  const { uid, resourceVersion } = metadata;
  const nulls = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, null]));
  return {
    metadata: {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(labels.length === 0 ? {} : { labels: nulls(labels) }),
      ...(annotations.length === 0 ? {} : { annotations: nulls(annotations) }),
    },
  };
}
