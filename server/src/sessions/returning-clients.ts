import { setTimeout as sleep } from "node:timers/promises";
import type { Socket } from "socket.io";
import type { Connection } from "../connections/connection.ts";
import { covers } from "../protocol/rooms.ts";
import type { Recovery } from "../recovery/recovery.ts";
import { claimSession, settle } from "../recovery/returning-client.ts";
import type { Asked, ReturningClientDeps } from "../recovery/returning-client.ts";
import type { EntryHooks } from "./quick-socket.ts";
import type { SessionDeps } from "./socket-session.ts";

interface Pending {
  asked: Asked;
  claimed: Awaited<ReturnType<typeof claimSession>>;
}

export interface ReturningClients extends EntryHooks {
  /** For a client that has passed the guards: finds the session it asks for, then continues. */
  ask(socket: Socket, connection: Connection, next: () => void): void;
}

/** Handles clients that enter a namespace with recovery on. */
export function returningClients(deps: SessionDeps, { log, sessions }: Recovery): ReturningClients {
  const { ledger, live, metrics, logger, nowMs } = deps;
  const pending = new WeakMap<Socket, Pending>();

  function claimDeps(asked: Asked): ReturningClientDeps {
    const mayEnter = (room: string): boolean => live.roomPolicy === "open" || covers(asked.identity.rooms, room);
    return {
      ...{ log, sessions, nowMs },
      async enterRoom({ socketId, userId, namespace }, room) {
        const entry = { socketId, userId, namespace, room };
        if (!mayEnter(room)) {
          await ledger.leaveRoom(entry);
          return undefined;
        }
        const answer = await ledger.enterRoom(entry);
        return answer.entered ? answer : undefined;
      },
      isRevoked: (identity) => ledger.isRevoked(identity),
      count(result, replayed) {
        metrics.recovery.results.inc({ result });
        if (replayed > 0) metrics.recovery.replayed.inc(replayed);
      },
      wait: (ms) => sleep(ms),
    };
  }

  return {
    ask(socket, { identity }, next) {
      const { pid, offset } = socket.handshake.auth as { pid?: unknown; offset?: unknown };
      const asked: Asked = { pid, offset, identity: identity!, namespace: socket.nsp.name };
      const go = (claimed: Pending["claimed"]): void => {
        pending.set(socket, { asked, claimed });
        next();
      };
      if (pid === undefined) return go("unknown");
      claimSession(claimDeps(asked), asked).then(go, (error: unknown) => {
        logger.error({ err: error }, "session could not be claimed");
        go("unsettled");
      });
    },
    arrive(socket) {
      const { asked, claimed } = pending.get(socket)!;
      const arrival = settle(claimDeps(asked), claimed, asked, socket.id);
      const { hadBefore, socketId } = arrival.session;
      if (log.ahead.unreached(hadBefore) !== undefined) {
        log.ahead.add(socketId, hadBefore!);
        socket.on("disconnect", () => log.ahead.remove(socketId));
      }
      return arrival;
    },
    gone(socket) {
      const claimed = pending.get(socket)?.claimed;
      if (typeof claimed === "object") sessions.away(claimed.session);
    },
  };
}
