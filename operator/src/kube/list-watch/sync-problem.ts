import { ApiError } from "../errors.ts";
import type { Resource } from "../resource.ts";

/**
 * Whether the server no longer has the history from the position on. It answers 410, as a status or in an ERROR event.
 */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

/**
 * Whether the next watch can continue from the position, as after a broken connection or when an overloaded server
 * refuses. Otherwise a new list is necessary: the position may be too old (410), or the server has lost it because etcd
 * was restored from a backup (504).
 */
export function keepsPosition(error: unknown): boolean {
  return !(error instanceof ApiError) || [401, 403, 429, 503].includes(error.status);
}

/** The problem as a sentence, for conditions, logs and /readyz. */
export function problemOf(resource: Resource, activity: "list" | "watch", error: unknown): string {
  const name = resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ApiError)) return `the ${activity} of ${name} failed: ${message}`;
  if (error.status === 404)
    return `the API server does not serve ${name} in version ${resource.version}: its definition is not installed, or was removed`;
  if (error.status === 403) return `not allowed to ${activity} ${name}: ${message}`;
  return `the ${activity} of ${name} was refused: ${message}`;
}
