import { queuedBytes, reportsQueue } from "../broadcast/queued-bytes.ts";
import type { GatewayDeps } from "../deps.ts";
import type { EngineSocket } from "../internals/engine-io.ts";
import { refuse } from "../protocol/refusals.ts";
import type { ClosingSockets } from "./closing-sockets.ts";
import type { Connection } from "./connection.ts";
import type { DeadlineQueue } from "./deadline-queue.ts";

const EVERY_MS = 250;
/** A closing connection has this long to read its queued data. Until then, it keeps its seat and uses memory. */
const CLOSING_MS = 5_000;

export interface Watched {
  connections: ReadonlyMap<string, Connection>;
  closingSockets: Pick<ClosingSockets, "cutUnread">;
  /** The connections, in order of the time at which the watchdog must check them. */
  deadlines: DeadlineQueue<Connection>;
  /** The connections that can have queued bytes. All others have none. */
  queueing: Set<EngineSocket>;
  /** Its `add` is called once for each connection that reaches its maximum age. */
  aged: { add(connection: Connection): void };
}

/**
 * Closes slow clients, and connections whose deadline has passed. It visits only connections with queued bytes or a
 * passed deadline.
 */
export function startConnectionWatchdog(
  { connections, closingSockets, deadlines, queueing, aged }: Watched,
  { live, logger, nowMs }: Pick<GatewayDeps, "live" | "logger" | "nowMs">,
): { stop(): void } {
  const check = (connection: Connection, now: number): void => {
    if (connection.isClosing) {
      connection.closingUntilMs ??= now + CLOSING_MS;
      if (now >= connection.closingUntilMs) connection.close("SLOW_CLIENT");
    } else if (connection.sockets.size > 0) {
      enforceTokenExpiry(connection, now);
      if (now < (connection.agedAtMs ?? Infinity)) return;
      connection.agedAtMs = undefined;
      aged.add(connection);
    } else if (now >= (connection.refusedUntilMs ?? Infinity)) connection.close("REFUSED");
    else if (now >= connection.emptyUntilMs) connection.close("NO_NAMESPACE");
  };
  const checkQueue = (engine: EngineSocket): void => {
    const connection = connections.get(engine.id);
    if (connection === undefined) return void queueing.delete(engine);
    const [socket] = connection.sockets;
    // A closing connection already has a deadline by which its queue must be empty.
    if (socket === undefined || connection.isClosing) return;
    const bytes = queuedBytes(socket);
    if (bytes > live.limits.maxQueuedBytes) {
      logger.info({ user: connection.identity?.userId, socket: socket.id }, "slow client disconnected");
      connection.close("SLOW_CLIENT");
    } else if (bytes === 0 && reportsQueue(socket)) queueing.delete(engine);
  };
  const pass = (): void => {
    const now = nowMs();
    closingSockets.cutUnread();
    for (const engine of queueing) checkQueue(engine);
    for (const connection of deadlines.takeDue(now)) {
      check(connection, now);
      if (connections.has(connection.engine.id)) deadlines.schedule(connection, connection.dueAtMs);
    }
  };
  const timer = setInterval(pass, EVERY_MS).unref();
  return { stop: () => clearInterval(timer) };
}

/** Closes a connection whose token has expired. Some time before, sends `token:expiring` once. */
function enforceTokenExpiry(connection: Connection, nowMs: number): void {
  const { identity } = connection;
  if (identity === undefined) return;
  if (nowMs >= identity.expiresAtMs) {
    for (const socket of connection.sockets) socket.emit("error", refuse("TOKEN_EXPIRED"));
    connection.close("TOKEN_EXPIRED");
  } else if (nowMs >= connection.expiryNoticeAtMs) {
    connection.expiryNoticeAtMs = Infinity;
    const expiresAt = new Date(identity.expiresAtMs).toISOString();
    for (const socket of connection.sockets) socket.emit("token:expiring", { expiresAt });
  }
}
