/** Why a handler gave no valid answer: labels of `realtime_handler_seconds`. docs/handlers.md explains each. */
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
  /** For the log: a status, an error code or a field. Never a part of a payload. */
  detail: string;
}

/** Failures that say that the handler as a whole is away, and not only one of its events. */
const AWAY: ReadonlySet<FailureReason> = new Set(["connect_failed", "tls", "reset", "timeout"]);
const AWAY_STATUS: ReadonlySet<string> = new Set(["502", "503", "504"]);

/** Codes of Node and OpenSSL for a handshake that failed, or a certificate that is not accepted. */
const TLS_CODE =
  /^(EPROTO|ERR_SSL_|ERR_TLS_|CERT_|CRL_|ERROR_IN_C|UNABLE_TO_|INVALID_(CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_)|SELF_SIGNED/;

/** Why no connection could be opened. */
export function connectFailure(code: string): Failure {
  return { reason: TLS_CODE.test(code) ? "tls" : "connect_failed", detail: code };
}

export function isAway({ reason, detail }: Failure): boolean {
  return AWAY.has(reason) || (reason === "status" && AWAY_STATUS.has(detail));
}
