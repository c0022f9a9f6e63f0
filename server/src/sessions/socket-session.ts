import type { Socket } from "socket.io";
import type { Identity } from "../auth/identity.ts";
import type { EventContext } from "../handlers/handler.ts";
import type { RoomAnswer } from "../ledger/ledger.ts";
import type { ServerEvents } from "../protocol/server-events.ts";
import { covers, isRoomOfCase } from "../protocol/rooms.ts";
import { isRefusal, refuse, type Refusal } from "../protocol/refusals.ts";
import type { Connection } from "../connections/connection.ts";
import type { GatewayDeps } from "../deps.ts";
import type { RoomCounts } from "./room-counts.ts";

export type SessionDeps = GatewayDeps & { counts: RoomCounts };

/** A client in one namespace, as the handlers of its events see it. */
export class SocketSession implements EventContext {
  readonly #deps: SessionDeps;
  readonly #connection: Connection;
  readonly #socket: Socket;
  /** Cases entered by join_room: few clients do. */
  #knownInCases: Set<string> | undefined;

  constructor(deps: SessionDeps, connection: Connection, socket: Socket) {
    this.#deps = deps;
    this.#connection = connection;
    this.#socket = socket;
  }

  get socketId(): string {
    return this.#socket.id;
  }

  get identity(): Identity {
    return this.#connection.identity!;
  }

  nowMs(): number {
    return this.#deps.nowMs();
  }

  newId(): string {
    return this.#deps.newId();
  }

  isMember(room: string): boolean {
    return this.#socket.rooms.has(room);
  }

  mayEnter(room: string): boolean {
    return this.#deps.live.roomPolicy === "open" || covers(this.identity.rooms, room);
  }

  isKnownIn(room: string): boolean {
    return !isRoomOfCase(room) || this.#knownInCases?.has(room) === true;
  }

  becomeKnownIn(room: string): void {
    if (isRoomOfCase(room)) (this.#knownInCases ??= new Set()).add(room);
  }

  async enter(room: string): Promise<RoomAnswer> {
    const answer = await this.#deps.ledger.enterRoom(this.#entry(room));
    if (!answer.entered) return answer;
    // The client may have left while the ledger was asked; nothing else would remove the entry.
    if (this.#socket.connected) await this.#socket.join(room);
    else await this.#deps.ledger.leaveRoom(this.#entry(room));
    return answer;
  }

  async leave(room: string): Promise<{ participantCount: number }> {
    this.#knownInCases?.delete(room);
    await this.#socket.leave(room);
    return this.#deps.ledger.leaveRoom(this.#entry(room));
  }

  toRoom<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void {
    this.#socket.nsp.to(room).emit(event, ...args);
  }

  toOthers<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void {
    this.#socket.to(room).emit(event, ...args);
  }

  countChanged(room: string): void {
    this.#deps.counts.changed(this.#socket.nsp.name, room);
  }

  async renew(token: string): Promise<Identity | Refusal> {
    const { verify, ledger } = this.#deps;
    if (verify === undefined) return refuse("FORBIDDEN", { message: "tokens are not checked here" });
    const identity = await verify(token, this.nowMs());
    if (isRefusal(identity)) return identity;
    if (identity.userId !== this.identity.userId)
      return refuse("FORBIDDEN", { message: "the token is another user's" });
    if (ledger.isRevoked(identity)) return refuse("UNAUTHENTICATED", { message: "the token has been revoked" });
    this.#connection.identify(identity, this.nowMs());
    return identity;
  }

  #entry(room: string): { socketId: string; userId: string; namespace: string; room: string } {
    return { socketId: this.socketId, userId: this.identity.userId, namespace: this.#socket.nsp.name, room };
  }
}
