import type { ClientSession } from "../client-session.ts";

/**
 * Why a client has left. timeout: it did not return within the grace period. left: it disconnected by itself. ended:
 * the gateway or the application ended its session. replaced: it returned, but could not be recovered.
 */
export type GoneReason = "timeout" | "left" | "ended" | "replaced";

/** What the application is told about the client of an ended session. */
export type GoneClient = Pick<ClientSession, "userId" | "namespace" | "socketId"> & {
  sessionId: string;
  rooms: readonly string[];
};

/** An ended session in the form in which the application gets it (see docs/handlers.md). */
export interface GoneSession {
  user: string;
  sessionId: string;
  socketId: string;
  namespace: string;
  rooms: readonly string[];
  reason: GoneReason;
  /** When the client disconnected (ISO 8601). */
  at: string;
}

/** An ended session that must still be reported to the application. */
export interface GoneEntry {
  /** All reports of the same absence of a client have the same id. */
  id: string;
  /** Milliseconds until the grace period has passed. The session must not be reported before. */
  dueInMs: number;
  /** A GoneSession as JSON. */
  text: string;
}

export interface Absence {
  id: string;
  reason: GoneReason;
  atMs: number;
  dueInMs: number;
}

export function goneEntry(client: GoneClient, { id, reason, atMs, dueInMs }: Absence): GoneEntry {
  const { userId: user, sessionId, socketId, namespace, rooms } = client;
  const at = new Date(atMs).toISOString();
  const session: GoneSession = { user, sessionId, socketId, namespace, rooms, reason, at };
  return { id, dueInMs: Math.round(dueInMs), text: JSON.stringify(session) };
}

/**
 * The id of one absence of a client. Each claim gives the session another generation, so the next absence has another
 * id.
 */
export function absenceId({ hash, generation }: Pick<ClientSession, "hash" | "generation">): string {
  return `${hash}.${generation}`;
}
