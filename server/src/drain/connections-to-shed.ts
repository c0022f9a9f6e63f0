import type { Connection } from "../connections/connection.ts";

export interface ShedOptions {
  nowMs: number;
  /** Whether to leave out clients that returned in the last ten minutes. */
  sparesReturned: boolean;
}

const SETTLED_MS = 10 * 60_000;

/**
 * Chooses the connections that a shed moves to other gateways. Clients for which recovery is on come first, because
 * they lose no messages; then the newest connections, which lose least.
 */
export function connectionsToShed(all: Iterable<Connection>, wanted: number, options: ShedOptions): Connection[] {
  const newestFirst = [...all].filter((connection) => isMovable(connection, options)).reverse();
  const covered = newestFirst.filter(({ isRecoverable }) => isRecoverable);
  const others = newestFirst.filter(({ isRecoverable }) => !isRecoverable);
  return [...covered, ...others].slice(0, wanted);
}

function isMovable({ sockets, isClosing, returnedAtMs }: Connection, { nowMs, sparesReturned }: ShedOptions): boolean {
  const isSpared = sparesReturned && returnedAtMs !== undefined && nowMs - returnedAtMs < SETTLED_MS;
  return sockets.size > 0 && !isClosing && !isSpared;
}
