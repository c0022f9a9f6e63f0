import { join } from "node:path";
import type { Manifest } from "../../src/manifests/shared/child.ts";
import { stamped } from "../../src/reconcile/drift/in-sync.ts";
import { goldenCase } from "../manifests/golden-case.ts";

/**
 * Golden cases for which testdata has the managedFields that a real API server has written. Together they contain every
 * list and every kind, except KEDA's.
 */
export const ownedCases = ["everything", "two-redis", "gateway"] as const;

export function ownedFile(name: string): string {
  return join(import.meta.dirname, "../../testdata/owned-fields", `${name}.json`);
}

/** The manifests with the annotation that the operator adds when it applies them. */
export function appliedManifests(name: string): Manifest[] {
  return goldenCase(name).manifests.map(stamped);
}

/** The fields of each object that the operator owns, by "kind name". */
export type OwnedFields = Record<string, Record<string, unknown>>;
