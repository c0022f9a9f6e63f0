import { refuse } from "../protocol/refusals.ts";
import type { Connection } from "./connection.ts";

/** Closes a connection whose token has expired, and announces the expiry once before. */
export function enforceTokenExpiry(connection: Connection, nowMs: number): void {
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
