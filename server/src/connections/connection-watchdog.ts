import { queuedBytes } from "../broadcast/queued-bytes.ts";
import type { GatewayDeps } from "../deps.ts";
import type { ClosingSockets } from "./closing-sockets.ts";
import type { Connection } from "./connection.ts";
import { enforceTokenExpiry } from "./token-expiry.ts";

const EVERY_MS = 250;
/** A closing connection has this long to read its queued data; it keeps its seat and its memory until then. */
const CLOSING_MS = 5_000;

export interface Watched {
  connections: ReadonlyMap<string, Connection>;
  closingSockets: Pick<ClosingSockets, "cutUnread">;
}

/** Checks every connection periodically. One timer serves all: a timer for each would cost more than the checks. */
export function startConnectionWatchdog(
  { connections, closingSockets }: Watched,
  { live, metrics, logger, nowMs }: Pick<GatewayDeps, "live" | "metrics" | "logger" | "nowMs">,
): { stop(): void } {
  const check = (connection: Connection, now: number): void => {
    const [socket] = connection.sockets;
    if (connection.isClosing) {
      connection.closingSinceMs ??= now;
      if (now - connection.closingSinceMs > CLOSING_MS) connection.close("SLOW_CLIENT");
    } else if (socket === undefined) {
      if (now >= (connection.refusedUntilMs ?? Infinity)) connection.close("REFUSED");
      else if (now > connection.emptyUntilMs) connection.close("NO_NAMESPACE");
    } else if (queuedBytes(socket) > live.limits.maxQueuedBytes) {
      logger.info({ user: connection.identity?.userId, socket: socket.id }, "slow client disconnected");
      connection.close("SLOW_CLIENT");
    } else enforceTokenExpiry(connection, now);
  };
  const countBytes = (connection: Connection): void => {
    const written = connection.engine.transport.socket?._socket?.bytesWritten ?? 0;
    if (written > connection.bytesWritten) metrics.outboundBytes.inc(written - connection.bytesWritten);
    connection.bytesWritten = written;
  };
  const pass = (): void => {
    const now = nowMs();
    closingSockets.cutUnread();
    for (const connection of connections.values()) {
      countBytes(connection);
      check(connection, now);
    }
  };
  const timer = setInterval(pass, EVERY_MS).unref();
  return { stop: () => clearInterval(timer) };
}
