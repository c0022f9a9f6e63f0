import { ApiError } from "../errors.ts";
import type { Resource } from "../resource.ts";

/** The position of a list or watch is older than what the server remembers. As a status or as an ERROR event, it is 410. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

/**
 * Whether a watch can go on from where it was. After a broken connection it can, and an overloaded server must not be given
 * lists instead; whatever says that the position means nothing (410, 504 from the future after a restored backup) needs a list.
 */
export function keepsPosition(error: unknown): boolean {
  return !(error instanceof ApiError) || [401, 403, 429, 503].includes(error.status);
}

/** A sentence for people: in a condition, in a log, behind /readyz. */
export function problemOf(resource: Resource, activity: "list" | "watch", error: unknown): string {
  const name = resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ApiError)) return `the ${activity} of ${name} broke: ${message}`;
  if (error.status === 404)
    return `the API server does not serve ${name} in version ${resource.version}: its definition is not installed, or was removed`;
  if (error.status === 403) return `we may not ${activity} ${name}: ${message}`;
  return `the ${activity} of ${name} was refused: ${message}`;
}
