import type { GoneSession } from "../../src/recovery/gone/gone-session.ts";
import type { AppServer, Got } from "./app-server.ts";

/** An ended session that a gateway reported to the hook `gone`, and the request that contained it. */
export interface Gone {
  session: GoneSession;
  request: Got;
}

/** All reports about sessions of this user. */
export function goneOf(app: AppServer, user: string): Gone[] {
  return allGone(app).filter(({ session }) => session.user === user);
}

/** The user of every reported session, in the order of the reports. */
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
