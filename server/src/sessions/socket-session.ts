import type { Socket } from "socket.io";
import type { Command } from "../app-handlers/handler-answer.ts";
import type { AppClient, Publication } from "../app-handlers/apply-commands.ts";
import { Caller, headersFor } from "../app-handlers/handler-request.ts";
import type { Identity } from "../auth/identity.ts";
import { broadcastOnce } from "../broadcast/gateway-adapter.ts";
import { enterGrantedRoom } from "../handlers/enter-room.ts";
import type { Decision, EventContext, SendManner } from "../handlers/handler.ts";
import { leaveRoomAloud } from "../handlers/leave-room.ts";
import type { RoomAnswer } from "../ledger/ledger.ts";
import type { HookKind } from "../live-config/handler-entries.ts";
import type { RoomMessage, ServerEvents } from "../protocol/server-events.ts";
import { covers, isRoomOfCase } from "../protocol/rooms.ts";
import { isRefusal, refuse, type Refusal } from "../protocol/refusals.ts";
import type { Connection } from "../connections/connection.ts";
import type { GatewayDeps } from "../deps.ts";
import { tokenOf, type ClientSession } from "../recovery/client-session.ts";
import { directEmit } from "./direct-emit.ts";
import { askApp } from "./events/app-hooks.ts";
import { clientSessionOf } from "./quick-socket.ts";
import type { MovedCommands } from "./moved-commands.ts";
import type { RoomCounts } from "./room-counts.ts";
import type { SentMessages } from "./sent-messages.ts";
import type { SessionPresence } from "./session-presence.ts";

export type SessionDeps = GatewayDeps & {
  counts: RoomCounts;
  presence: SessionPresence;
  sent: SentMessages;
  moved: MovedCommands;
};

/**
 * One client in one namespace. Event handlers get it as their context, and the application's commands are applied to
 * it.
 */
export class SocketSession implements EventContext, AppClient {
  readonly #deps: SessionDeps;
  readonly #connection: Connection;
  readonly #socket: Socket;
  /**
   * The rooms `case:ID` that the client entered with join_room. The other members of these rooms know that it came.
   * Undefined for most clients, which have no such room.
   */
  #knownInCases: Set<string> | undefined;
  /** Describes the client to handlers. Undefined until a handler is called for this client. */
  #caller: Caller | undefined;
  /** The session that recovery keeps. Undefined when recovery is off. */
  readonly #held: ClientSession | undefined;

  constructor(deps: SessionDeps, connection: Connection, socket: Socket, held?: ClientSession) {
    this.#held = held;
    for (const [room, { isKnown }] of held?.rooms ?? []) if (isKnown) this.#rememberKnown(room);
    this.#deps = deps;
    this.#connection = connection;
    this.#socket = socket;
  }

  get socketId(): string {
    return this.#socket.id;
  }

  get namespace(): string {
    return this.#socket.nsp.name;
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
    this.#rememberKnown(room);
    const held = this.#held?.rooms.get(room);
    if (held?.isKnown !== false) return;
    void this.#deps.recovery.sessions.entered(this.#held!, room, { ...held, isKnown: true });
  }

  #rememberKnown(room: string): void {
    if (isRoomOfCase(room)) (this.#knownInCases ??= new Set()).add(room);
  }

  async enter(
    room: string,
    permittedBy: "token" | "handler",
    confirm?: () => Promise<boolean>,
  ): Promise<RoomAnswer | "not confirmed"> {
    const answer = await this.#deps.ledger.enterRoom(this.#entry(room));
    if (!answer.entered) return answer;
    const isConfirmed = confirm === undefined || this.isMember(room) || (await confirm());
    // If the client disconnected in the meantime, its disconnect did not see this room. So leave the room now.
    if (!this.#socket.connected || !isConfirmed) await this.#deps.ledger.leaveRoom(this.#entry(room));
    if (!isConfirmed) return "not confirmed";
    if (this.#socket.connected && !(await this.#joinRoom(room, permittedBy === "handler")))
      this.#tieToLog(room, answer.participantCount);
    return answer;
  }

  /**
   * Appends an empty entry to the message log, and sends the client the offset after it. Redis has not stored the
   * client's rooms yet; it stores them before the entry. So another gateway that has read the entry, and can recover a
   * client with this offset, knows the rooms.
   */
  #tieToLog(room: string, participantCount: number): void {
    const { log } = this.#deps.recovery;
    if (!this.#socket.connected || !log.isOn) return;
    log.numberNothing(this.#socket.nsp.name, this.socketId);
    directEmit(this.#socket, "presence", { room, participantCount }, log.offsetText);
  }

  /**
   * Moves the start of the client's membership behind a message that excludes the client, because it cannot miss this
   * message. Does so only if no other message came since the client entered the room.
   */
  #passOver(room: string, before: string | undefined): void {
    const held = this.#held?.rooms.get(room);
    if (held === undefined || held.offset !== before) return;
    const { log, sessions } = this.#deps.recovery;
    void sessions.entered(this.#held!, room, { ...held, offset: log.offsetText ?? "" });
  }

  /**
   * Joins the room. If the client reconnects later, recovery sends it the messages from now on. Resolves to whether
   * Redis has stored the join, so that other gateways can know it.
   */
  async #joinRoom(room: string, isGranted: boolean): Promise<boolean> {
    const { recovery } = this.#deps;
    let saved: Promise<boolean> | undefined;
    if (this.#held !== undefined && !this.isMember(room)) {
      const held = { isKnown: this.isKnownIn(room), isGranted, offset: recovery.log.offsetText ?? "" };
      saved = recovery.sessions.entered(this.#held, room, held);
    }
    await this.#socket.join(room);
    return saved ?? true;
  }

  async leave(room: string): Promise<{ participantCount: number }> {
    this.#knownInCases?.delete(room);
    const saved = this.#held === undefined ? undefined : this.#deps.recovery.sessions.left(this.#held, room);
    await this.#socket.leave(room);
    const answer = await this.#deps.ledger.leaveRoom(this.#entry(room));
    if ((await saved) === false) this.#tieToLog(room, answer.participantCount);
    return answer;
  }

  toRoom<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void {
    this.#socket.nsp.to(room).emit(event, ...args);
  }

  toOthers<E extends keyof ServerEvents>(room: string, event: E, ...args: Parameters<ServerEvents[E]>): void {
    const before = this.#deps.recovery.log.offsetText;
    this.#socket.to(room).emit(event, ...args);
    this.#passOver(room, before);
  }

  send(message: RoomMessage, manner: SendManner): void {
    const { nsp } = this.#socket;
    if (manner === "once") return broadcastOnce(nsp, message.room, ["message", message], message.id);
    const members = nsp.to(message.room);
    (manner === "volatile" ? members.volatile : members).emit("message", message);
  }

  isRepetition(id: string): boolean | Promise<boolean> {
    return this.#deps.sent.isRepetition(id);
  }

  stored(id?: string): Promise<boolean> | undefined {
    return id === undefined ? this.#deps.recovery.log.newestStored() : this.#deps.sent.isStored(id);
  }

  isOnlyHere(): boolean {
    return this.#deps.bus.state().phase !== "up";
  }

  countChanged(room: string): void {
    this.#deps.counts.changed(this.#socket.nsp.name, room);
  }

  async renew(token: string): Promise<Identity | Refusal> {
    const { verify, ledger } = this.#deps;
    if (verify === undefined) return refuse("FORBIDDEN", { message: "this gateway does not check tokens" });
    const identity = await verify(token, this.nowMs());
    if (isRefusal(identity)) return identity;
    if (identity.userId !== this.identity.userId)
      return refuse("FORBIDDEN", { message: "the token belongs to another user" });
    if (ledger.isRevoked(identity)) return refuse("UNAUTHENTICATED", { message: "the token has been revoked" });
    this.#connection.identify(identity, this.nowMs());
    for (const socket of this.#connection.sockets) this.#renewSession(clientSessionOf(socket), identity);
    return identity;
  }

  /**
   * Stores the new token in the session. So a revocation of the new token also ends the session while the client is
   * disconnected.
   */
  #renewSession(session: ClientSession | undefined, identity: Identity): void {
    if (session === undefined) return;
    Object.assign(session, tokenOf(identity));
    this.#deps.recovery.sessions.changed(session);
  }

  caller(): Caller {
    const { identity } = this;
    if (this.#caller?.fields.claims === identity.claims) return this.#caller;
    const { headers } = this.#connection.engine.request;
    return (this.#caller = new Caller({
      ...{ namespace: this.namespace, socketId: this.socketId, sessionId: this.#held?.hash ?? this.socketId },
      ...{ user: identity.userId, claims: identity.claims },
      headers: headersFor(headers, this.#deps.config.handlerHeaders),
    }));
  }

  roomNames(): readonly string[] {
    return [...this.#socket.rooms].filter((room) => room !== this.socketId);
  }

  get isConnected(): boolean {
    return this.#socket.connected;
  }

  deliver(id: string, commands: readonly Command[]): void {
    if (this.#held !== undefined) this.#deps.moved.deliver(id, this.#held.hash, commands);
  }

  ask(hook: HookKind, data: () => object): Promise<Decision> | undefined {
    return askApp(this.#deps, this, hook, data);
  }

  async join(room: string): Promise<Refusal | undefined> {
    const answer = await enterGrantedRoom(this, room);
    return isRefusal(answer) ? answer : undefined;
  }

  async leaveAloud(room: string): Promise<void> {
    if (this.isMember(room)) await leaveRoomAloud(this, room);
  }

  emit(event: string, data: readonly unknown[]): void {
    this.#socket.emit(event, ...data);
  }

  publish({ room, event, data, exceptSender = false, volatile: isVolatile = false }: Publication): void {
    const before = this.#deps.recovery.log.offsetText;
    const members = exceptSender ? this.#socket.to(room) : this.#socket.nsp.to(room);
    (isVolatile ? members.volatile : members).emit(event, ...(data === undefined ? [] : [data]));
    if (exceptSender) this.#passOver(room, before);
  }

  disconnect({ reconnect }: { reconnect: boolean }): void {
    if (reconnect) this.#connection.close("HANDLER");
    else this.#socket.disconnect();
  }

  #entry(room: string): { socketId: string; userId: string; namespace: string; room: string } {
    return { socketId: this.socketId, userId: this.identity.userId, namespace: this.#socket.nsp.name, room };
  }
}
