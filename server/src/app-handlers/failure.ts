/** Why a handler gave no valid answer: labels of `realtime_handler_seconds`. docs/handlers.md explains each. */
export const failureReasons = [
  "connect_failed",
  "reset",
  "timeout",
  "status",
  "redirect",
  "content_type",
  "too_large",
  "invalid",
  "unavailable",
  "busy",
  "stopped",
] as const;

export type FailureReason = (typeof failureReasons)[number];

export interface Failure {
  reason: FailureReason;
  /** For the log: a status, an error code or a field. Never a part of a payload. */
  detail: string;
}

/** Failures that say that the handler as a whole is away, and not only one of its events. */
const AWAY: ReadonlySet<FailureReason> = new Set(["connect_failed", "reset", "timeout"]);
const AWAY_STATUS: ReadonlySet<string> = new Set(["502", "503", "504"]);

export function isAway({ reason, detail }: Failure): boolean {
  return AWAY.has(reason) || (reason === "status" && AWAY_STATUS.has(detail));
}
