const LETTERS = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 8;

/**
 * An id for this run of a node: its name plus a random suffix. After a restart, leases of the earlier run may still
 * exist.
 */
export function nodeIdOf(nodeName: string, random: () => number): string {
  return `${nodeName.replaceAll(/[^A-Za-z0-9.-]/g, "-").slice(0, 63)}-${newOrigin(random)}`;
}

/** A random name under which a gateway numbers its messages. The first is the suffix of the gateway's id. */
export function newOrigin(random: () => number): string {
  return Array.from({ length: SUFFIX_LENGTH }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("");
}
