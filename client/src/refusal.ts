/**
 * The codes of docs/protocol.md, and three that this package adds. Later gateways may send other codes: if your code
 * does not know a code, do not retry.
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
  /** The message was not acknowledged before timeoutMs had passed. */
  | "TIMEOUT"
  /**
   * The connection ended before the ack, and it is unknown whether the message was delivered. The client does not send
   * it again, because it was volatile, or because the gateway cannot recognize a repeated message.
   */
  | "OUTCOME_UNKNOWN"
  /** The room's handle was released before the message was sent. */
  | "CLOSED";

export interface Refusal {
  code: RefusalCode;
  message: string;
  /** Seconds until a retry. */
  retryAfter?: number;
}

/** After these refusals the client does not reconnect, because the gateway would refuse it again. */
const FINAL: ReadonlySet<string> = new Set(["FORBIDDEN", "ORIGIN_REFUSED", "UNKNOWN_NAMESPACE"]);

export function isFinal({ code }: Refusal): boolean {
  return FINAL.has(code);
}

/**
 * The refusal in an ack, if it is one: `{success: false, code, error, retryAfter?}`, or `{status: "error", ...}` for
 * cases.
 */
export function refusalIn(answer: Record<string, unknown>): Refusal | undefined {
  if (answer["success"] === true || (typeof answer["status"] === "string" && answer["status"] !== "error")) return;
  const { code, error, retryAfter } = answer as { code?: RefusalCode; error?: string; retryAfter?: number };
  return {
    code: code ?? "INTERNAL",
    message: error ?? "refused",
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}
