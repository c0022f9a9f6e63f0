import type { Connection } from "../connections/connection.ts";

/** A client that came back within this time is not moved again. */
const SETTLED_MS = 10 * 60_000;

/**
 * The connections that a shed moves. Clients that recovery covers come first, because they lose nothing; then the
 * newest, which lose least.
 */
export function connectionsToShed(all: Iterable<Connection>, wanted: number, nowMs: number): Connection[] {
  const newestFirst = [...all].filter((connection) => isMovable(connection, nowMs)).reverse();
  const covered = newestFirst.filter(({ isRecoverable }) => isRecoverable);
  const others = newestFirst.filter(({ isRecoverable }) => !isRecoverable);
  return [...covered, ...others].slice(0, wanted);
}

function isMovable({ sockets, isClosing, returnedAtMs }: Connection, nowMs: number): boolean {
  return sockets.size > 0 && !isClosing && (returnedAtMs === undefined || nowMs - returnedAtMs >= SETTLED_MS);
}
