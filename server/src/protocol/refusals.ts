import { namespacesInWords } from "./namespaces.ts";

/**
 * Every reason the gateway has for saying no. Acks, `error` events, connect_error data, HTTP answers, metric labels and
 * the table in docs/protocol.md come from here. A code is never used again for something else.
 */
export const refusals = {
  INVALID_INPUT: { status: 400, message: "the payload is not valid", retry: "after mending the payload" },
  RATE_LIMIT_EXCEEDED: { status: 429, message: "too many events in this minute", retry: "after retryAfter seconds" },
  ROOM_LIMIT_EXCEEDED: {
    status: 429,
    message: "the user is in as many rooms as allowed",
    retry: "after leaving a room",
  },
  CONNECTION_LIMIT_EXCEEDED: {
    status: 429,
    message: "the user has as many connections as allowed",
    retry: "after closing a connection",
  },
  GLOBAL_LIMIT_EXCEEDED: { status: 503, message: "the cluster has as many connections as allowed", retry: "later" },
  ADDRESS_LIMIT_EXCEEDED: {
    status: 429,
    message: "too many connections from this address",
    retry: "after retryAfter seconds",
  },
  MESSAGE_TOO_LARGE: { status: 413, message: "the message is larger than allowed", retry: "never with this message" },
  UNAUTHENTICATED: { status: 401, message: "a valid token is needed", retry: "with another token" },
  TOKEN_EXPIRED: { status: 401, message: "the token has expired", retry: "with a fresh token" },
  FORBIDDEN: { status: 403, message: "the token does not allow this", retry: "with another token" },
  ORIGIN_REFUSED: { status: 403, message: "this origin may not connect", retry: "never from this page" },
  NOT_IN_ROOM: { status: 403, message: "the sender is not in the room", retry: "after joining the room" },
  UNKNOWN_EVENT: { status: 404, message: "there is no such event", retry: "never" },
  UNKNOWN_NAMESPACE: {
    status: 404,
    message: `there is no such namespace: use ${namespacesInWords}`,
    retry: "never",
  },
  DRAINING: {
    status: 503,
    message: "this gateway is moving its connections elsewhere",
    retry: "at once: another gateway answers",
  },
  ISSUER_UNAVAILABLE: {
    status: 503,
    message: "the keys of the token's issuer cannot be read now",
    retry: "later: stock clients come back by themselves",
  },
  INTERNAL: { status: 500, message: "something went wrong here", retry: "later" },
} as const satisfies Record<string, { status: number; message: string; retry: string }>;

export type RefusalCode = keyof typeof refusals;

export interface Refusal {
  code: RefusalCode;
  message: string;
  /** Seconds, rounded up. */
  retryAfter?: number;
  currentRoomCount?: number;
  /** It passes by itself: the connection is closed, so that stock clients come back. */
  isPassing?: true;
}

/** A refusal with the catalogue's message, or one that says more; `retryAfterMs` becomes whole seconds. */
export function refuse(
  code: RefusalCode,
  more: { message?: string; retryAfterMs?: number; currentRoomCount?: number; isPassing?: boolean } = {},
): Refusal {
  const refusal: Refusal = { code, message: more.message ?? refusals[code].message };
  if (more.retryAfterMs !== undefined) refusal.retryAfter = Math.max(1, Math.ceil(more.retryAfterMs / 1000));
  if (more.currentRoomCount !== undefined) refusal.currentRoomCount = more.currentRoomCount;
  if (more.isPassing === true) refusal.isPassing = true;
  return refusal;
}

/** Whether a value is a refusal and not a result. */
export function isRefusal(value: object): value is Refusal {
  return "code" in value && "message" in value && typeof value.code === "string" && Object.hasOwn(refusals, value.code);
}
