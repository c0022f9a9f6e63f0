const LETTERS = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 8;

/**
 * An id for this run of a node: its name plus a random suffix. After a restart, leases of the earlier run may still
 * exist.
 */
export function nodeIdOf(nodeName: string, random: () => number): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("");
  return `${nodeName.replaceAll(/[^A-Za-z0-9.-]/g, "-").slice(0, 63)}-${suffix}`;
}
