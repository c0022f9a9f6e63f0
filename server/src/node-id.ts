const LETTERS = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 8;

/**
 * An id for this run of a gateway: the name of its pod or host, and a random suffix. A new run needs a new id, because
 * leases of the earlier run can still exist in Redis.
 */
export function nodeIdOf(nodeName: string, random: () => number): string {
  return `${nodeName.replaceAll(/[^A-Za-z0-9.-]/g, "-").slice(0, 63)}-${newOrigin(random)}`;
}

/**
 * A random name for the origin of messages, under which a gateway numbers the messages that it sends. A gateway's first
 * origin is the suffix of its id.
 */
export function newOrigin(random: () => number): string {
  return Array.from({ length: SUFFIX_LENGTH }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("");
}
