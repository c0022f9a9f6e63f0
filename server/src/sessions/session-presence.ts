import type { Namespace } from "socket.io";
import type { RoomLedger } from "../ledger/ledger.ts";
import type { Logger } from "../observability/logger.ts";
import { isLargeRoom } from "../protocol/presence.ts";
import type { ClientSession } from "../recovery/client-session.ts";
import type { ClientSessions } from "../recovery/client-sessions.ts";
import type { RoomCounts } from "./room-counts.ts";

/**
 * aloud: leaves the room on every gateway and informs the other members. quietly: leaves only here, because the client
 * is a member on another gateway.
 */
export type Manner = "aloud" | "quietly";

/** A client as the other members of its rooms see it. */
export interface Member {
  socketId: string;
  userId: string;
  namespace: string;
}

export interface LeavingDeps {
  ledger: RoomLedger;
  counts: RoomCounts;
  namespaceOf: (name: string) => Namespace;
  logger: Logger;
}

/** Removes a departed member from rooms, one after another. `isTold`: inform the other members of the room. */
export async function leaveRooms(
  { ledger, counts, namespaceOf, logger }: LeavingDeps,
  { socketId, userId, namespace }: Member,
  rooms: readonly { room: string; isTold: boolean }[],
  { onEveryNode }: { onEveryNode: boolean },
): Promise<void> {
  for (const { room, isTold } of rooms) {
    try {
      const { participantCount } = await ledger.leaveRoom({ socketId, userId, namespace, room }, { onEveryNode });
      if (!isTold) continue;
      if (isLargeRoom(participantCount)) counts.changed(namespace, room);
      // Exclude the client itself, so that it does not receive the event when it returns.
      else {
        const others = namespaceOf(namespace).to(room).except(socketId);
        others.emit("user_left", { room, socketId, userId, participantCount });
      }
    } catch (error) {
      logger.error({ err: error, socket: socketId }, "room entry could not be removed");
    }
  }
}

export interface SessionPresenceDeps extends LeavingDeps {
  sessions: ClientSessions;
  graceMs: () => number;
}

/**
 * The rooms in which other members see a client. Stored by session, because the client may be away without a socket.
 */
export class SessionPresence {
  readonly #deps: SessionPresenceDeps;

  constructor(deps: SessionPresenceDeps) {
    this.#deps = deps;
  }

  /**
   * Call when the client has disconnected. Other members see it leave only if it does not return within the grace
   * period.
   */
  away(session: ClientSession): void {
    const { sessions, graceMs } = this.#deps;
    if (!sessions.away(session)) return;
    const timer = setTimeout(() => this.#graceOver(session), graceMs());
    timer.unref();
    session.onOver = (how) => {
      clearTimeout(timer);
      if (how === "ended") this.leave(session, "aloud");
      if (how === "taken elsewhere") this.leave(session, "quietly");
    };
  }

  leave(session: ClientSession, manner: Manner, rooms: readonly string[] = [...session.rooms.keys()]): void {
    const isAloud = manner === "aloud";
    const isTold = (room: string): boolean => isAloud && !session.hasLeft && session.rooms.get(room)?.isKnown === true;
    const left = rooms.map((room) => ({ room, isTold: isTold(room) }));
    if (left.length > 0) void leaveRooms(this.#deps, session, left, { onEveryNode: isAloud });
  }

  #graceOver(session: ClientSession): void {
    session.onOver = () => undefined;
    this.leave(session, "aloud");
    session.hasLeft = true;
    this.#deps.sessions.changed(session);
  }
}
