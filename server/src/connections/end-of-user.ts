import type { RevocationTarget } from "../ledger/ledger.ts";
import { refuse } from "../protocol/refusals.ts";
import type { Connection } from "./connection.ts";

type Connections = ReadonlyMap<string, Connection>;

/** Closes one user's connections on this gateway. Returns their number. The user is allowed to reconnect. */
export function disconnectUser(connections: Connections, userId: string): number {
  const found = [...connections.values()].filter(({ identity }) => identity?.userId === userId);
  for (const connection of found) connection.close("DISCONNECTED");
  return found.length;
}

/** Closes the connections whose token was revoked. */
export function endRevoked(connections: Connections, target: RevocationTarget): void {
  for (const connection of connections.values()) {
    if (!isCovered(connection, target)) continue;
    const refusal = refuse("UNAUTHENTICATED", { message: "the token has been revoked" });
    for (const socket of connection.sockets) socket.emit("error", refusal);
    connection.close("REVOKED");
  }
}

function isCovered({ identity }: Connection, target: RevocationTarget): boolean {
  if (identity === undefined) return false;
  return "userId" in target ? identity.userId === target.userId : identity.tokenId === target.tokenId;
}
