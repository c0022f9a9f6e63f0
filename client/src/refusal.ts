/**
 * The codes of docs/protocol.md, and three codes of this client. Gateways may add codes: treat an unknown code as
 * final.
 */
export type RefusalCode =
  | "INVALID_INPUT"
  | "RATE_LIMIT_EXCEEDED"
  | "ROOM_LIMIT_EXCEEDED"
  | "CONNECTION_LIMIT_EXCEEDED"
  | "GLOBAL_LIMIT_EXCEEDED"
  | "ADDRESS_LIMIT_EXCEEDED"
  | "MESSAGE_TOO_LARGE"
  | "UNAUTHENTICATED"
  | "TOKEN_EXPIRED"
  | "FORBIDDEN"
  | "ORIGIN_REFUSED"
  | "NOT_IN_ROOM"
  | "UNKNOWN_EVENT"
  | "UNKNOWN_NAMESPACE"
  | "DRAINING"
  | "ISSUER_UNAVAILABLE"
  | "HANDLER_UNAVAILABLE"
  | "INTERNAL"
  /** The deadline passed before an answer came. */
  | "TIMEOUT"
  /**
   * The connection ended after the message was sent, and the message was volatile or the gateway cannot recognize a
   * repetition. The message may or may not have been delivered.
   */
  | "OUTCOME_UNKNOWN"
  /** The room was released, or the client was closed. */
  | "CLOSED";

export interface Refusal {
  code: RefusalCode;
  message: string;
  /** Seconds until a retry. */
  retryAfter?: number;
}

/** With these codes, another attempt would be refused again. */
const FINAL: ReadonlySet<string> = new Set(["FORBIDDEN", "ORIGIN_REFUSED", "UNKNOWN_NAMESPACE"]);

export function isFinal({ code }: Refusal): boolean {
  return FINAL.has(code);
}

/** The refusal in an ack: `{success: false, code, error, retryAfter?}`, or `{status: "error", ...}` of cases. */
export function refusalIn(answer: Record<string, unknown>): Refusal | undefined {
  if (answer["success"] === true || (typeof answer["status"] === "string" && answer["status"] !== "error")) return;
  const { code, error, retryAfter } = answer as { code?: RefusalCode; error?: string; retryAfter?: number };
  return {
    code: code ?? "INTERNAL",
    message: error ?? "refused without a reason",
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}
