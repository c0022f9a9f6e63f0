/**
 * All reasons for which the gateway closes a connection. The labels of a metric and a table in docs/protocol.md are
 * made from this list. A label never changes its meaning.
 */
export const closeReasons = {
  DRAINED: {
    label: "drained",
    handshake: "given back",
    message: "this gateway is stopping",
    socket: "flushed",
    client: "reconnects, to another gateway",
  },
  SHED: {
    label: "shed",
    handshake: "given back",
    message: "this gateway has too many connections, and `realtime rebalance` moves some",
    socket: "flushed",
    client: "reconnects, usually to another gateway",
  },
  AGED: {
    label: "aged",
    handshake: "given back",
    message: "the connection has reached `spec.maxConnectionAgeSeconds`",
    socket: "flushed",
    client: "reconnects, to any gateway",
  },
  DISCONNECTED: {
    label: "disconnected",
    handshake: "given back",
    message: "a back end called POST /api/disconnect for the user",
    socket: "flushed",
    client: "reconnects",
  },
  REVOKED: {
    label: "revoked",
    message: "the token has been revoked; the event `error` comes first",
    socket: "flushed",
    client: "reconnects and is refused with UNAUTHENTICATED",
  },
  HANDLER: {
    label: "handler",
    handshake: "given back",
    message: "a handler of the application ended the connection",
    socket: "flushed",
    client: "reconnects",
  },
  TOKEN_EXPIRED: {
    label: "token expired",
    handshake: "given back",
    message: "the token has expired; the event `error` comes first",
    socket: "flushed",
    client: "reconnects, with a fresh token if `auth` is a function",
  },
  REFUSED: {
    label: "refused",
    handshake: "given back",
    message: "the gateway refused the namespace for a temporary reason",
    socket: "flushed",
    client: "reconnects",
  },
  NO_NAMESPACE: {
    label: "no namespace",
    message: "the client entered no namespace in time, or left its last one",
    socket: "cut",
    client: "reconnects",
  },
  MADE_ROOM: {
    label: "made room",
    message: "too many connections had not entered a namespace yet",
    socket: "cut",
    client: "reconnects",
  },
  SLOW_CLIENT: {
    label: "slow client",
    message: "the client reads too slowly, and its queue is full",
    socket: "cut",
    client: "reconnects",
  },
  GHOST: {
    label: "ghost",
    handshake: "given back",
    message: "the user was at the connection limit, and this connection did not answer a ping",
    socket: "cut",
    client: "reconnects",
  },
  EVENT_FLOOD: {
    label: "event flood",
    message: "the client sends far too many events",
    socket: "cut",
    client: "reconnects",
  },
  NO_REQUEST: {
    label: "no request",
    message: "too many TCP connections were open without a request",
    socket: "cut",
    client: "retries",
  },
  TAKEN_OVER: {
    label: "taken over",
    message: "the client has reconnected on another connection",
    socket: "cut",
    client: "nothing, because it is connected already",
  },
  STOPPED: {
    label: "stopped",
    handshake: "given back",
    message: "the gateway has stopped",
    socket: "cut",
    client: "reconnects, to another gateway",
  },
} as const satisfies Record<string, CloseReasonEntry>;

interface CloseReasonEntry {
  /** The label of the metric `realtime_closed_total`. */
  label: string;
  message: string;
  /**
   * Set if the client has to reconnect because of the gateway. The handshake of the closed connection is then taken off
   * the count of the client's IP address.
   */
  handshake?: "given back";
  /**
   * flushed: the gateway sends queued packets before it closes. cut: the gateway terminates the connection at once.
   * Stock clients reconnect in both cases.
   */
  socket: "flushed" | "cut";
  /** What a stock client does next. */
  client: string;
}

export type CloseReason = keyof typeof closeReasons;

/** Whether the handshake of the closed connection is taken off the count of the client's IP address. */
export function givesHandshakeBack(reason: CloseReason): boolean {
  const entry: CloseReasonEntry = closeReasons[reason];
  return entry.handshake !== undefined;
}
