import type { ClientSession } from "../client-session.ts";

/**
 * Why a client has left. timeout: it did not return within the grace. left: it disconnected by itself. ended: the
 * gateway or the application ended its session. replaced: it returned and could not be recovered.
 */
export type GoneReason = "timeout" | "left" | "ended" | "replaced";

/** The part of a session that the application is told. */
export type GoneClient = Pick<ClientSession, "userId" | "namespace" | "socketId"> & {
  sessionId: string;
  rooms: readonly string[];
};

/** A session that has ended, as the application gets it. The form is described in docs/handlers.md. */
export interface GoneSession {
  user: string;
  sessionId: string;
  socketId: string;
  namespace: string;
  rooms: readonly string[];
  reason: GoneReason;
  /** When the client disconnected, in ISO 8601. */
  at: string;
}

/** A session about which the application must still be told. */
export interface GoneEntry {
  /** The same for each report of the same absence of a client. */
  id: string;
  /** Ms until the application may be told, because the grace has not passed. */
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

/** An absence of a session: each claim of the session gives it another generation. */
export function absenceId({ hash, generation }: Pick<ClientSession, "hash" | "generation">): string {
  return `${hash}.${generation}`;
}
