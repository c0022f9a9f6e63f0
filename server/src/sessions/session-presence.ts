import { setTimeout as sleep } from "node:timers/promises";
import type { Namespace } from "socket.io";
import type { LedgerStatus, RoomLedger } from "../ledger/ledger.ts";
import type { Logger } from "../observability/logger.ts";
import { isLargeRoom } from "../protocol/presence.ts";
import { isOverForAll, type ClientSession } from "../recovery/client-session.ts";
import type { Told } from "../recovery/dead-owners.ts";
import type { StoredSession } from "../recovery/redis/session-store.ts";
import type { ClientSessions } from "../recovery/client-sessions.ts";
import type { RoomCounts } from "./room-counts.ts";

/**
 * How often to check whether the ledger uses Redis again. A gateway that continues after a pause has its lease in Redis
 * again within so many checks.
 */
const EXACT_TRIES = 50;
const EXACT_EVERY_MS = 100;

/**
 * How a client leaves a room. aloud: on every gateway, and the other members are informed. quietly: only on this
 * gateway, because the client is still a member on another gateway.
 */
export type Manner = "aloud" | "quietly";

/** A client as the other members of its rooms know it. */
export interface Member {
  socketId: string;
  userId: string;
  namespace: string;
}

export interface LeavingDeps {
  ledger: RoomLedger & LedgerStatus;
  counts: RoomCounts;
  namespaceOf: (name: string) => Namespace;
  logger: Logger;
}

/** Removes a client from rooms, one after another. `isTold`: inform the other members of this room. */
export async function leaveRooms(
  { ledger, counts, namespaceOf, logger }: LeavingDeps,
  { socketId, userId, namespace }: Member,
  rooms: readonly { room: string; isTold: boolean }[],
  { onEveryNode, told, isBack = () => false }: { onEveryNode: boolean; told?: Told; isBack?: () => boolean },
): Promise<void> {
  for (const { room, isTold } of rooms) {
    if (isBack()) return;
    try {
      const { participantCount } = await ledger.leaveRoom({ socketId, userId, namespace, room }, { onEveryNode });
      if (!isTold) continue;
      // Add the members that have just left: if many leave at once, the size of the room before decides whether it
      // counts as large.
      const toldBefore = told?.get(roomKey(namespace, room)) ?? 0;
      if (isLargeRoom(participantCount + toldBefore)) counts.changed(namespace, room);
      // Exclude the client that left, so that it does not get this event from recovery when it returns.
      else {
        const others = namespaceOf(namespace).to(room).except(socketId);
        others.emit("user_left", { room, socketId, userId, participantCount });
        told?.set(roomKey(namespace, room), toldBefore + 1);
      }
    } catch (error) {
      logger.error({ err: error, socket: socketId }, "member could not be removed from a room");
    }
  }
}

function roomKey(namespace: string, room: string): string {
  return `${namespace} ${room}`;
}

export interface SessionPresenceDeps extends LeavingDeps {
  sessions: ClientSessions;
  graceMs: () => number;
}

/**
 * Keeps clients in their rooms while they can return. It needs the session and not the socket, because a disconnected
 * client has no socket.
 */
export class SessionPresence {
  readonly #deps: SessionPresenceDeps;
  readonly #rejoining = new Set<ClientSession>();
  #rejoined: Promise<void> = Promise.resolve();

  constructor(deps: SessionPresenceDeps) {
    this.#deps = deps;
  }

  /**
   * Keeps a client that has disconnected in its rooms for the grace period. The other members are told that it left
   * only if it does not return in this time.
   */
  away(session: ClientSession): void {
    const { sessions, graceMs } = this.#deps;
    if (!sessions.away(session)) return;
    const timer = setTimeout(() => void this.#graceOver(session), graceMs());
    timer.unref();
    session.onOver = (how) => {
      clearTimeout(timer);
      if (isOverForAll(how)) void this.leave(session, "aloud");
      if (how === "taken elsewhere") void this.leave(session, "quietly");
    };
  }

  async leave(
    session: ClientSession,
    manner: Manner,
    rooms: readonly string[] = [...session.rooms.keys()],
  ): Promise<void> {
    const isAloud = manner === "aloud";
    const isTold = (room: string): boolean => isAloud && !session.hasLeft && session.rooms.get(room)?.isKnown === true;
    const left = rooms.map((room) => ({ room, isTold: isTold(room) }));
    await leaveRooms(this.#deps, session, left, { onEveryNode: isAloud });
  }

  /** Removes a client of a dead gateway from its rooms. Must be called when the client has not returned in time. */
  leaveDead(session: StoredSession, told: Told): Promise<void> {
    const left = [...session.rooms].map(([room, { isKnown }]) => ({ room, isTold: isKnown }));
    return leaveRooms(this.#deps, session, left, { onEveryNode: true, told });
  }

  /**
   * Announces that a connected client is in its rooms. Its gateway was mistaken for dead, so the members were told that
   * it had left.
   */
  rejoin(session: ClientSession): void {
    // Redis can report the same session twice, because the second report can come before this gateway has answered the
    // first.
    if (this.#rejoining.has(session)) return;
    this.#rejoining.add(session);
    this.#rejoined = this.#rejoined
      .then(() => this.#rejoin(session))
      .catch((error: unknown) => {
        this.#deps.logger.error(
          { err: error, socket: session.socketId },
          "rooms could not be informed that a member is back",
        );
      })
      .finally(() => this.#rejoining.delete(session));
  }

  async #rejoin(session: ClientSession): Promise<void> {
    const { ledger, counts, namespaceOf, sessions } = this.#deps;
    const { socketId, userId, namespace } = session;
    sessions.changed(session);
    await this.#untilExact(session);
    for (const [room, { isKnown }] of [...session.rooms]) {
      const answer = await ledger.enterRoom({ socketId, userId, namespace, room }, { returning: session });
      if (session.state !== "live" || !session.rooms.has(room)) await this.leave(session, "quietly", [room]);
      else if (isKnown && answer.entered && isLargeRoom(answer.participantCount)) counts.changed(namespace, room);
      else if (isKnown && answer.entered) {
        const others = namespaceOf(namespace).to(room).except(socketId);
        others.emit("user_joined", { room, socketId, userId, participantCount: answer.participantCount });
      }
    }
  }

  /**
   * Waits until the ledger uses Redis again. While this gateway was paused, its lease in Redis ended. The ledger
   * notices this only at its next request, so make one.
   */
  async #untilExact({ namespace, rooms }: ClientSession): Promise<void> {
    const { ledger } = this.#deps;
    const [room] = rooms.keys();
    if (room !== undefined) await ledger.presence(namespace, room);
    for (let times = 0; ledger.state().mode === "share" && times < EXACT_TRIES; times += 1) await sleep(EXACT_EVERY_MS);
  }

  async #graceOver(session: ClientSession): Promise<void> {
    const isTold = !session.hasLeft;
    if (!(await this.#deps.sessions.leave(session))) return;
    let isBack = false;
    session.onOver = (how) => {
      isBack = !isOverForAll(how);
      if (how === "taken elsewhere") void this.leave(session, "quietly");
    };
    const left = [...session.rooms].map(([room, { isKnown }]) => ({ room, isTold: isTold && isKnown }));
    await leaveRooms(this.#deps, session, left, { onEveryNode: true, isBack: () => isBack });
    // Report the client to the application, unless another gateway did so when it counted this gateway as dead, or the
    // client is back.
    await this.#deps.sessions.confirmLeft(session, { isTold: !isTold || isBack });
  }
}
