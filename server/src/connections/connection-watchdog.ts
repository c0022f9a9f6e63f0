import { queuedBytes } from "../broadcast/fanout/queued-bytes.ts";
import { refuse } from "../protocol/refusals.ts";
import type { Connection } from "./connection.ts";
import type { Gateway } from "../gateway.ts";
import type { Parts } from "../deps.ts";

const LOOK_MS = 250;
const SWEEP_MS = 30_000;
/** Entered no namespace, or left the last one: a wire without a user. */
export const WITHOUT_NAMESPACE_MS = 5_000;
/** A closing connection has so long to take what was queued for it: its seat and its memory are held until then. */
const CLOSING_MS = 5_000;

/** What is looked at for every connection again and again, on one timer for all: a timer each would cost more than the looking. */
export function startUpkeep(gateway: Gateway, parts: Parts): { sweep(): Promise<{ corrected: number }>; stop(): void } {
  const { live, ledger, metrics, logger, nowMs } = parts;

  const look = (): void => {
    const now = nowMs();
    gateway.closing.look();
    for (const connection of gateway.connections.values()) {
      countBytes(connection);
      if (connection.isClosing) {
        mindTheEnd(connection, now);
        continue;
      }
      const [socket] = connection.sockets;
      if (socket === undefined) {
        if (now - connection.emptySinceMs <= WITHOUT_NAMESPACE_MS) continue;
        metrics.closed.inc({ reason: "no namespace" });
        connection.cut();
        continue;
      }
      if (queuedBytes(socket) > live.limits.maxQueuedBytes) {
        metrics.closed.inc({ reason: "slow client" });
        logger.info({ user: connection.identity?.userId, socket: socket.id }, "slow client cut");
        connection.cut();
      } else mindTheToken(connection, now);
    }
  };

  function countBytes(connection: Connection): void {
    const written = connection.engine.transport.socket?._socket?.bytesWritten ?? 0;
    if (written > connection.bytesWritten) metrics.outboundBytes.inc(written - connection.bytesWritten);
    connection.bytesWritten = written;
  }

  function mindTheEnd(connection: Connection, now: number): void {
    connection.closingSinceMs ??= now;
    if (now - connection.closingSinceMs <= CLOSING_MS) return;
    metrics.closed.inc({ reason: "slow client" });
    connection.cut();
  }

  function mindTheToken(connection: Connection, now: number): void {
    const { identity } = connection;
    if (identity === undefined) return;
    if (now >= identity.expiresAtMs) {
      for (const socket of connection.sockets) socket.emit("error", refuse("TOKEN_EXPIRED"));
      metrics.closed.inc({ reason: "token expired" });
      connection.close();
    } else if (now >= connection.expiryNoticeAtMs) {
      connection.expiryNoticeAtMs = Infinity;
      for (const socket of connection.sockets)
        socket.emit("token:expiring", { expiresAt: new Date(identity.expiresAtMs).toISOString() });
    }
  }

  const sweep = async (): Promise<{ corrected: number }> => {
    const seats = [...gateway.connections.values()].flatMap(({ seat }) => seat ?? []);
    const swept = await ledger.sweep({ seats });
    metrics.sweepCorrections.inc(swept.corrected);
    return swept;
  };

  ledger.onRevoked((target) => {
    for (const connection of gateway.connections.values()) {
      const { identity } = connection;
      const isMeant = "userId" in target ? identity?.userId === target.userId : identity?.tokenId === target.tokenId;
      if (identity === undefined || !isMeant) continue;
      for (const socket of connection.sockets)
        socket.emit("error", refuse("UNAUTHENTICATED", { message: "the token has been revoked" }));
      metrics.closed.inc({ reason: "revoked" });
      connection.close();
    }
  });

  const timers = [
    setInterval(look, LOOK_MS),
    setInterval(() => void sweep().catch((error: unknown) => logger.warn({ err: error }, "sweep failed")), SWEEP_MS),
  ];
  for (const timer of timers) timer.unref();
  return { sweep, stop: () => timers.forEach((timer) => clearInterval(timer)) };
}
