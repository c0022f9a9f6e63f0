/**
 * Every reason for which the gateway closes a connection; source of the metric labels and of a table in
 * docs/protocol.md. A label never changes its meaning.
 */
export const closeReasons = {
  DRAINED: {
    label: "drained",
    handshake: "given back",
    message: "this gateway is stopping and moves its connections",
    socket: "flushed",
    client: "comes back, to another gateway",
  },
  SHED: {
    label: "shed",
    handshake: "given back",
    message: "this gateway has more connections than the others",
    socket: "flushed",
    client: "comes back, to any gateway",
  },
  DISCONNECTED: {
    label: "disconnected",
    handshake: "given back",
    message: "a back end asked for it (POST /api/disconnect)",
    socket: "flushed",
    client: "comes back",
  },
  REVOKED: {
    label: "revoked",
    message: "the token has been revoked; `error` says so before",
    socket: "flushed",
    client: "comes back and is refused with UNAUTHENTICATED",
  },
  TOKEN_EXPIRED: {
    label: "token expired",
    handshake: "given back",
    message: "the token has expired; `error` says so before",
    socket: "flushed",
    client: "comes back, with a fresh token where `auth` is a function",
  },
  REFUSED: {
    label: "refused",
    handshake: "given back",
    message: "it may not enter now, for a reason that passes by itself",
    socket: "flushed",
    client: "comes back",
  },
  NO_NAMESPACE: {
    label: "no namespace",
    message: "it entered no namespace in time, or has left the last one",
    socket: "cut",
    client: "comes back",
  },
  MADE_ROOM: {
    label: "made room",
    message: "too many connections had entered no namespace yet",
    socket: "cut",
    client: "comes back",
  },
  SLOW_CLIENT: {
    label: "slow client",
    message: "it does not take what is queued for it",
    socket: "cut",
    client: "comes back",
  },
  GHOST: {
    label: "ghost",
    handshake: "given back",
    message: "it did not answer while its user, who was at the limit, came again",
    socket: "cut",
    client: "comes back",
  },
  EVENT_FLOOD: {
    label: "event flood",
    message: "it sends events without end",
    socket: "cut",
    client: "comes back",
  },
  NO_REQUEST: {
    label: "no request",
    message: "too many TCP connections had sent no request",
    socket: "cut",
    client: "tries again",
  },
  TAKEN_OVER: {
    label: "taken over",
    message: "the client has come back on another connection",
    socket: "cut",
    client: "is connected already",
  },
  STOPPED: {
    label: "stopped",
    handshake: "given back",
    message: "the gateway has stopped",
    socket: "cut",
    client: "comes back, to another gateway",
  },
} as const satisfies Record<string, CloseReasonEntry>;

interface CloseReasonEntry {
  /** The label of `realtime_closed_total`. */
  label: string;
  message: string;
  /** The gateway causes the client's return, so its address gets the handshake back. */
  handshake?: "given back";
  /** flushed: queued packets are sent first. cut: terminated at once. Stock clients reconnect after both. */
  socket: "flushed" | "cut";
  /** What a stock client does next. */
  client: string;
}

export type CloseReason = keyof typeof closeReasons;

/** Whether the client's next handshake is free. */
export function givesHandshakeBack(reason: CloseReason): boolean {
  const entry: CloseReasonEntry = closeReasons[reason];
  return entry.handshake !== undefined;
}
