const LETTERS = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 8;

/**
 * The id of one run of a node: its name, and a suffix that tells it from the run before a restart, whose leases may
 * still stand.
 */
export function nodeIdOf(nodeName: string, random: () => number): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("");
  return `${nodeName.replaceAll(/[^A-Za-z0-9.-]/g, "-").slice(0, 63)}-${suffix}`;
}
