/** Codes that only the gateway itself may send. A handler may send FORBIDDEN, INVALID_INPUT and codes of its own. */
const CODES_OF_THE_GATEWAY: ReadonlySet<string> = new Set([
  "RATE_LIMIT_EXCEEDED",
  "ROOM_LIMIT_EXCEEDED",
  "CONNECTION_LIMIT_EXCEEDED",
  "GLOBAL_LIMIT_EXCEEDED",
  "ADDRESS_LIMIT_EXCEEDED",
  "MESSAGE_TOO_LARGE",
  "UNAUTHENTICATED",
  "TOKEN_EXPIRED",
  "ORIGIN_REFUSED",
  "NOT_IN_ROOM",
  "UNKNOWN_EVENT",
  "UNKNOWN_NAMESPACE",
  "DRAINING",
  "ISSUER_UNAVAILABLE",
  "HANDLER_UNAVAILABLE",
  "INTERNAL",
]);
const MAX_MESSAGE_LENGTH = 1_024;
const MAX_RETRY_AFTER = 86_400;

/**
 * A handler throws this to refuse an event, and a hook to refuse what the client wants to do. The client gets the code,
 * the message and retryAfter in its ack and in an event `error`.
 */
export class HandlerError extends Error {
  readonly code: string;
  /** The client should try again after this many seconds. */
  readonly retryAfter: number | undefined;

  constructor(code: string, message: string, { retryAfter }: { retryAfter?: number | undefined } = {}) {
    super(message);
    this.name = "HandlerError";
    if (!/^[A-Z][A-Z0-9_]{0,63}$/.test(code))
      throw new TypeError(`the code ${JSON.stringify(code)} must be 1 to 64 upper-case letters, digits or _`);
    if (CODES_OF_THE_GATEWAY.has(code))
      throw new TypeError(`${code} is a code of the gateway: use FORBIDDEN, INVALID_INPUT or a code of your own`);
    if (retryAfter !== undefined && !(retryAfter >= 0 && retryAfter <= MAX_RETRY_AFTER))
      throw new RangeError(`retryAfter must be from 0 to ${MAX_RETRY_AFTER} seconds`);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The error in the form in which an answer to the gateway contains it. */
export function errorOf({ code, message, retryAfter }: HandlerError): {
  code: string;
  message: string;
  retryAfter?: number;
} {
  const short = message.slice(0, MAX_MESSAGE_LENGTH);
  return { code, message: short, ...(retryAfter === undefined ? {} : { retryAfter }) };
}
