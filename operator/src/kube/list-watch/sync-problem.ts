import { ApiError } from "../errors.ts";
import type { Resource } from "../resource.ts";

/** Whether the position is older than the server's history: 410, as a status or as an ERROR event. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

/**
 * Whether a watch can continue from its position. It can after a broken connection or a refusal of an overloaded
 * server. It cannot when the position is too old (410), or from the future after a restored backup (504): then it must
 * list.
 */
export function keepsPosition(error: unknown): boolean {
  return !(error instanceof ApiError) || [401, 403, 429, 503].includes(error.status);
}

/** The problem as a sentence, for conditions, logs and /readyz. */
export function problemOf(resource: Resource, activity: "list" | "watch", error: unknown): string {
  const name = resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ApiError)) return `the ${activity} of ${name} broke: ${message}`;
  if (error.status === 404)
    return `the API server does not serve ${name} in version ${resource.version}: its definition is not installed, or was removed`;
  if (error.status === 403) return `not allowed to ${activity} ${name}: ${message}`;
  return `the ${activity} of ${name} was refused: ${message}`;
}
