import { join } from "node:path";
import type { Manifest } from "../../src/manifests/shared/child.ts";
import { stamped } from "../../src/reconcile/drift/in-sync.ts";
import { goldenCase } from "../manifests/golden-case.ts";

/**
 * Cases with the managedFields that a real API server has written. Together they contain every list and every kind,
 * except KEDA's.
 */
export const ownedCases = ["everything", "two-redis", "gateway"] as const;

export function ownedFile(name: string): string {
  return join(import.meta.dirname, "../../testdata/owned-fields", `${name}.json`);
}

/** The manifests as the operator applies them. */
export function appliedManifests(name: string): Manifest[] {
  return goldenCase(name).manifests.map(stamped);
}

/** The owned fields of each object, by "kind name". */
export type OwnedFields = Record<string, Record<string, unknown>>;
