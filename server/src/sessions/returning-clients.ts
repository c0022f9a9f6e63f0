import { setTimeout as sleep } from "node:timers/promises";
import type { Socket } from "socket.io";
import { anyone } from "../auth/anyone.ts";
import { queuedBytes } from "../broadcast/queued-bytes.ts";
import type { Connection } from "../connections/connection.ts";
import { covers } from "../protocol/rooms.ts";
import type { ClientSession } from "../recovery/client-session.ts";
import type { Entry } from "../recovery/message-ring.ts";
import { TurnQueue } from "../recovery/pace/turn-queue.ts";
import { UnreadReplays } from "../recovery/pace/unread-replays.ts";
import type { Recovery } from "../recovery/recovery.ts";
import {
  claimSession,
  restoreRooms,
  settle,
  type Asked,
  type Claimed,
  type Restored,
  type ReturningClientDeps,
  type Unrecovered,
} from "../recovery/returning/returning-client.ts";
import type { EntryHooks } from "./quick-socket.ts";
import type { SessionPresence } from "./session-presence.ts";
import type { SessionDeps } from "./socket-session.ts";

interface Pending {
  asked: Asked;
  connection: Connection;
  claimed: Claimed | Unrecovered;
  restored: Restored | Unrecovered;
}

export interface ReturningClients extends EntryHooks {
  /** Whether the client says that it had a session on an earlier connection. */
  isReturning(socket: Socket): boolean;
  /** A guard that never refuses. It makes the connection the owner of the session whose pid the client sends. */
  claim(candidate: { socket: Socket; connection: Connection }): undefined | Promise<undefined>;
  /** Engine id of the client's last connection. The ledger counts the seat under this id. */
  formerSeatOf(socket: Socket): string | undefined;
  /**
   * Enters the rooms of the client's session, then calls `next`. Must be called for a client that all guards have
   * admitted.
   */
  restore(socket: Socket, next: () => void): void;
  gone(socket: Socket): void;
}

/**
 * Gives a session to each client that enters: its earlier one, or a new one. While recovery is off, clients get no
 * session.
 */
export function returningClients(
  deps: SessionDeps,
  { log, sessions }: Recovery,
  presence: SessionPresence,
): ReturningClients {
  const { ledger, live, verify, metrics, logger, nowMs } = deps;
  const pending = new WeakMap<Socket, Pending>();
  const unread = new UnreadReplays(nowMs);
  const claims = new TurnQueue({ nowMs });
  const arrivals = new TurnQueue({ nowMs, isBlocked: () => unread.areTooMany() });

  function depsFor(identity: Asked["identity"]): ReturningClientDeps {
    const mayEnter = (session: ClientSession, room: string): boolean =>
      live.roomPolicy === "open" || covers(identity.rooms, room) || session.rooms.get(room)?.isGranted === true;
    return {
      ...{ log, sessions, nowMs },
      async enterRoom(session, room) {
        const { socketId, userId, namespace } = session;
        if (!mayEnter(session, room)) return undefined;
        const answer = await ledger.enterRoom({ socketId, userId, namespace, room }, { returning: session });
        if (answer.entered) return answer;
        return answer.isTaken === true ? "taken" : undefined;
      },
      leaveRooms(session, rooms, manner) {
        void presence.leave(session, manner, rooms);
        for (const room of rooms) void sessions.left(session, room);
      },
      isRevoked: (token) => ledger.isRevoked(token),
      count(result, replayed) {
        metrics.recovery.results.inc({ result });
        if (replayed > 0) metrics.recovery.replayed.inc(replayed);
      },
      wait: (ms) => sleep(ms),
    };
  }

  const failed = (error: unknown): "unsettled" => {
    logger.error({ err: error }, "session could not be restored");
    return "unsettled";
  };

  /**
   * Makes the connection the owner of the session until the client has entered. If a later connection claims the
   * session before that, this connection is closed.
   */
  function own(connection: Connection, { session }: Claimed): void {
    session.onOver = (how) => {
      if (how === "turned off") return void presence.leave(session, "aloud");
      if (how !== "ended") connection.close("TAKEN_OVER");
      if (how === "taken elsewhere") void presence.leave(session, "quietly");
    };
    // When tokens are not checked, each new connection counts as a user of its own. With a pid, it becomes the user of
    // its session.
    if (verify === undefined) connection.identify({ ...connection.identity!, userId: session.userId }, nowMs());
  }

  function noteUnread(socket: Socket, connection: Connection, missed: readonly Entry[]): void {
    const { engine } = connection;
    unread.sent(
      {
        queuedBytes: () => (engine.readyState === "closed" ? 0 : queuedBytes(socket)),
        cut: () => connection.close("SLOW_CLIENT"),
      },
      bytesOfTexts(missed),
    );
  }

  return {
    isReturning: (socket) => log.isOn && typeof pidOf(socket).pid === "string",
    claim({ socket, connection }) {
      if (!log.isOn) return undefined;
      const identity = connection.identity!;
      const { pid, offset } = pidOf(socket);
      const isAnyone = verify === undefined && identity.userId === anyone(connection.engine.id).userId;
      const userId = isAnyone && connection.seat === undefined ? undefined : identity.userId;
      const asked: Asked = {
        ...{ pid, offset, identity },
        claimer: { userId, namespace: socket.nsp.name, seat: connection.engine.id },
      };
      const settled = (claimed: Pending["claimed"]): undefined => {
        pending.set(socket, { asked, connection, claimed, restored: "unknown" });
        if (typeof claimed === "string") return;
        own(connection, claimed);
        // While Redis was asked, recovery was turned off. So no connection can claim this session later.
        if (!log.isOn) sessions.end(claimed.session);
      };
      if (pid === undefined) return settled("unknown");
      // A connection that has ended by then must not take the session from the connection that the client still has.
      const isOpen = (): boolean => connection.engine.readyState === "open";
      const claimed = new Promise<Pending["claimed"]>((resolve) =>
        claims.add(() => resolve(isOpen() ? claimSession(depsFor(identity), asked) : "unknown")),
      );
      return claimed.catch(failed).then(settled);
    },
    formerSeatOf(socket) {
      const claimed = pending.get(socket)?.claimed;
      return typeof claimed === "object" ? claimed.formerSeat : undefined;
    },
    restore(socket, next) {
      const found = pending.get(socket);
      if (found === undefined) return next();
      const { claimed } = found;
      const go = (restored: Pending["restored"]): void => {
        found.restored = restored;
        next();
      };
      if (typeof claimed === "string") return go(claimed);
      const enter = (restored: Pending["restored"]): void => arrivals.add(() => go(restored));
      restoreRooms(depsFor(found.asked.identity), claimed).catch(failed).then(enter, failed);
    },
    arrive(socket) {
      const found = pending.get(socket);
      if (found === undefined || !log.isOn) return undefined;
      const { asked, connection, restored } = found;
      const arrival = settle(depsFor(asked.identity), restored, asked, socket.id);
      noteUnread(socket, connection, arrival.missed);
      const { hadBefore, socketId } = arrival.session;
      const { ahead } = log;
      if (ahead.unreached(hadBefore) !== undefined) {
        ahead.add(socketId, hadBefore!);
        socket.on("disconnect", () => ahead.remove(socketId));
      }
      return arrival;
    },
    gone(socket) {
      const claimed = pending.get(socket)?.claimed;
      if (typeof claimed === "object") presence.away(claimed.session);
    },
  };
}

function pidOf(socket: Socket): { pid?: unknown; offset?: unknown } {
  return socket.handshake.auth;
}

function bytesOfTexts(entries: readonly Entry[]): number {
  return entries.reduce((bytes, { text }) => bytes + (text?.length ?? 0), 0);
}
