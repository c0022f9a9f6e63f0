/**
 * Why a handler gave no valid answer. docs/handlers.md explains each reason. They are labels of the metric
 * `realtime_handler_seconds`.
 */
export const failureReasons = [
  "connect_failed",
  "tls",
  "reset",
  "timeout",
  "status",
  "redirect",
  "content_type",
  "too_large",
  "invalid",
  "unavailable",
  "busy",
  "threw",
  "stopped",
] as const;

export type FailureReason = (typeof failureReasons)[number];

export interface Failure {
  reason: FailureReason;
  /** A status, an error code or the name of a field, for the log. Never a part of a payload. */
  detail: string;
}

/** Reasons that mean that the whole handler is unavailable, and not only that one of its events fails. */
const AWAY: ReadonlySet<FailureReason> = new Set(["connect_failed", "tls", "reset", "timeout"]);
const AWAY_STATUS: ReadonlySet<string> = new Set(["502", "503", "504"]);

/** Error codes of Node and OpenSSL for a failed TLS handshake, or for a certificate that is not accepted. */
const TLS_CODE =
  /^(EPROTO|ERR_SSL_|ERR_TLS_|CERT_|CRL_|ERROR_IN_C|UNABLE_TO_|INVALID_(CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_)|SELF_SIGNED/;

/** The failure for the error code of a connection that could not be opened. */
export function connectFailure(code: string): Failure {
  return { reason: TLS_CODE.test(code) ? "tls" : "connect_failed", detail: code };
}

export function isAway({ reason, detail }: Failure): boolean {
  return AWAY.has(reason) || (reason === "status" && AWAY_STATUS.has(detail));
}
