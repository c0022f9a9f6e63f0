import { namespacesInWords } from "./namespaces.ts";

/**
 * All refusals. Acks, `error` events, connect_error data, HTTP answers, labels of metrics and a table in
 * docs/protocol.md are made from this list. A code never changes its meaning.
 */
export const refusals = {
  INVALID_INPUT: { status: 400, message: "the payload is not valid", retry: "after correcting the payload" },
  RATE_LIMIT_EXCEEDED: {
    status: 429,
    message: "the user has reached the limit of events per minute",
    retry: "after retryAfter seconds",
  },
  ROOM_LIMIT_EXCEEDED: {
    status: 429,
    message: "the user has reached the limit of rooms",
    retry: "after leaving a room",
  },
  CONNECTION_LIMIT_EXCEEDED: {
    status: 429,
    atConnect: "connect_error",
    message: "the user has reached the limit of connections",
    retry: "after closing a connection",
  },
  GLOBAL_LIMIT_EXCEEDED: {
    status: 503,
    atConnect: "closed",
    message: "the cluster has reached its limit of connections",
    retry: "later",
  },
  ADDRESS_LIMIT_EXCEEDED: {
    status: 429,
    atConnect: "closed",
    message: "too many connections from this address",
    retry: "after retryAfter seconds",
  },
  MESSAGE_TOO_LARGE: {
    status: 413,
    message: "the message is larger than allowed",
    retry: "never, the message stays too large",
  },
  UNAUTHENTICATED: {
    status: 401,
    atConnect: "connect_error",
    message: "a valid token is required",
    retry: "with another token",
  },
  TOKEN_EXPIRED: {
    status: 401,
    atConnect: "connect_error",
    message: "the token has expired",
    retry: "with a fresh token",
  },
  FORBIDDEN: {
    status: 403,
    atConnect: "connect_error",
    message: "the token does not allow this",
    retry: "with another token",
  },
  ORIGIN_REFUSED: {
    status: 403,
    atConnect: "connect_error",
    message: "this origin may not connect",
    retry: "never from this page",
  },
  NOT_IN_ROOM: { status: 403, message: "the sender is not in the room", retry: "after joining the room" },
  UNKNOWN_EVENT: { status: 404, message: "this event does not exist", retry: "never" },
  UNKNOWN_NAMESPACE: {
    status: 404,
    atConnect: "connect_error",
    message: `this namespace does not exist: use ${namespacesInWords}`,
    retry: "never",
  },
  DRAINING: {
    status: 503,
    atConnect: "closed",
    message: "this gateway is stopping and moves its clients to other gateways",
    retry: "at once: another gateway answers",
  },
  ISSUER_UNAVAILABLE: {
    status: 503,
    atConnect: "closed",
    message: "the gateway cannot load the keys of the token's issuer",
    retry: "later: stock clients reconnect by themselves",
  },
  HANDLER_UNAVAILABLE: {
    status: 503,
    atConnect: "closed",
    message: "the application does not answer",
    retry: "after retryAfter seconds",
  },
  INTERNAL: { status: 500, atConnect: "closed", message: "an internal error happened", retry: "later" },
} as const satisfies Record<string, RefusalEntry>;

interface RefusalEntry {
  /** The HTTP status. */
  status: number;
  message: string;
  /** When the client should try again. */
  retry: string;
  /** How a CONNECT is refused. After a connect_error, stock clients do not try again. After a close, they reconnect. */
  atConnect?: "connect_error" | "closed";
}

export type RefusalCode = keyof typeof refusals;

export interface Refusal {
  code: RefusalCode;
  message: string;
  /** Seconds until the client should try again, rounded up. */
  retryAfter?: number;
  currentRoomCount?: number;
  /** The reason is temporary: the gateway closes the connection, and stock clients reconnect. */
  isPassing?: true;
}

/**
 * Makes a refusal. Without `message`, it has the message of the list above. `retryAfterMs` is rounded up to seconds.
 */
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

/**
 * Whether the gateway closes the connection when it refuses a CONNECT with this refusal, because the reason is
 * temporary.
 */
export function passesByItself({ code, isPassing }: Refusal): boolean {
  const entry: RefusalEntry = refusals[code];
  return entry.atConnect === "closed" || isPassing === true;
}

/** Whether a value is a refusal and not a result. */
export function isRefusal(value: object): value is Refusal {
  return "code" in value && "message" in value && typeof value.code === "string" && Object.hasOwn(refusals, value.code);
}
