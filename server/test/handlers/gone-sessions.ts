import type { GoneSession } from "../../src/recovery/gone/gone-session.ts";
import type { AppServer, Got } from "./app-server.ts";

/** A session that a handler was told about, and the request that did. */
export interface Gone {
  session: GoneSession;
  request: Got;
}

/** All reports of a user's sessions. */
export function goneOf(app: AppServer, user: string): Gone[] {
  return allGone(app).filter(({ session }) => session.user === user);
}

/** The users of all reported sessions, in the order of the reports. */
export function goneUsers(app: AppServer): string[] {
  return allGone(app).map(({ session }) => session.user);
}

function allGone({ got }: AppServer): Gone[] {
  return got
    .filter(({ body }) => body.kind === "gone")
    .flatMap((request) =>
      (request.body.data as { sessions: GoneSession[] }).sessions.map((session) => ({ session, request })),
    );
}
