// Finds values that somebody has changed by server-side apply under our own manager's name. managedFields does not show
// such a change, because our manager owns the fields before and after it.
import type { KubeObject } from "../../api/kube-object.ts";
import { OWN_VALUES, ownValuesHash } from "../../watches/own-values.ts";

/** For each child, by uid: the hash of the values in our fields after our last write. */
export type KnownValues = ReadonlyMap<string, string>;

/** Whether the values in our fields have changed since our last write, although our manager still owns the fields. */
export function areOwnValuesChanged(child: KubeObject, known: KnownValues): boolean {
  const before = known.get(child.metadata.uid ?? "");
  return before !== undefined && child[OWN_VALUES] !== undefined && child[OWN_VALUES] !== before;
}

/**
 * Returns the known values after a pass has written these objects. For a child that this process has not written yet,
 * takes the values that the child has now as written by us.
 */
export function knownValuesAfter(
  known: KnownValues,
  children: readonly KubeObject[],
  written: readonly KubeObject[],
): KnownValues {
  const next = new Map<string, string>();
  const note = ({ metadata: { uid } }: KubeObject, hash: unknown): void => {
    if (uid !== undefined && typeof hash === "string") next.set(uid, hash);
  };
  for (const child of children) note(child, known.get(child.metadata.uid ?? "") ?? child[OWN_VALUES]);
  // Keep nothing that is computed from a Secret.
  for (const object of written) if (object.kind !== "Secret") note(object, ownValuesHash(object));
  return next;
}
