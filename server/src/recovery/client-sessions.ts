import { createHash, randomBytes } from "node:crypto";
import type { Identity } from "../auth/identity.ts";
import { tokenOf, type Claimer, type ClientSession, type Ending, type HeldRoom } from "./client-session.ts";
import type { GoneOutbox } from "./gone/gone-outbox.ts";
import type { GoneReason } from "./gone/gone-session.ts";
import type { OwnerStore } from "./redis/owner-store.ts";
import type { News, SessionStore } from "./redis/session-store.ts";

export interface ClientSessionsOptions {
  /** The sessions in Redis. Undefined if this gateway has no Redis. */
  store: SessionStore | undefined;
  owners: Pick<OwnerStore, "leave" | "confirmLeft"> | undefined;
  owner: string;
  gone: GoneOutbox;
  windowMs: () => number;
  most: () => number;
  nowMs: () => number;
  random?: (bytes: number) => Buffer;
}

/** Whose sessions end: those of this user, or those that this token opened. */
export type EndTarget = { userId: string } | { tokenId: string };

type NewClient = Pick<ClientSession, "namespace" | "socketId" | "begunAt" | "hadBefore" | "seat">;

/** A session, and the engine id of the client's last connection. */
export interface ClaimedSession {
  session: ClientSession;
  formerSeat: string;
}

/** The form of all pids that gateways create. Any other text is refused as a pid without asking Redis. */
const PID = /^[A-Za-z0-9_-]{24}$/;
const PID_BYTES = 18;
const KEEP_EVERY_MS = 30_000;
const LIVE = { state: "live", awaySinceMs: 0, onOver: () => undefined } as const;

/**
 * The sessions that belong to this gateway: those of connected clients, and those of disconnected clients that can
 * return.
 */
export class ClientSessions {
  readonly #options: ClientSessionsOptions;
  readonly #sessions = new Map<string, ClientSession>();
  readonly #timer: NodeJS.Timeout;
  #onRejoin: (session: ClientSession) => void = () => undefined;
  readonly #onOver: ((session: ClientSession, how: Ending) => void)[] = [];

  constructor(options: ClientSessionsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#keep(), KEEP_EVERY_MS);
    this.#timer.unref();
  }

  begin(identity: Identity, client: NewClient): ClientSession {
    const pid = (this.#options.random ?? randomBytes)(PID_BYTES).toString("base64url");
    const session: ClientSession = {
      ...{ ...client, pid, hash: hashOf(pid), userId: identity.userId },
      ...tokenOf(identity),
      ...{ rooms: new Map(), generation: 1, hasLeft: false, ...LIVE },
    };
    this.#add(session);
    return session;
  }

  /**
   * Makes a new connection the owner of a session, and ends the session's earlier connection. Resolves to undefined if
   * this user has no session with this pid in the namespace. Resolves to "unconfirmed" if the caller must ask again a
   * little later.
   */
  async claim(pid: unknown, claimer: Claimer): Promise<ClaimedSession | "unconfirmed" | undefined> {
    if (typeof pid !== "string" || !PID.test(pid)) return undefined;
    const hash = hashOf(pid);
    const stored = await this.#options.store?.claim(hash, claimer);
    const local = this.#sessions.get(hash);
    if (stored === "none") return undefined;
    if (stored === "unconfirmed") return stored;
    const { seat } = claimer;
    if (stored === undefined) {
      // While Redis cannot be used, this gateway knows only the sessions that belong to it.
      if (local === undefined || !isOf(local, claimer)) return undefined;
      return { session: this.#take(local, { ...local, pid, seat }), formerSeat: local.seat };
    }
    const { formerGeneration, ...former } = stored;
    const isNewer = local !== undefined && local.generation >= formerGeneration;
    const { rooms, lostRooms, hasLeft } = isNewer ? local : stored;
    const held = { rooms, lostRooms, hasLeft: hasLeft || stored.hasLeft };
    const session = this.#take(local, { ...former, ...LIVE, pid, seat, ...held });
    return { session, formerSeat: stored.seat };
  }

  /** Ends a session on this gateway, because another gateway has claimed it. */
  takenElsewhere(hash: string, generation: number, owner: string): void {
    const session = this.#sessions.get(hash);
    if (session === undefined || owner === this.#options.owner || generation <= session.generation) return;
    this.#sessions.delete(hash);
    this.#over(session, "taken elsewhere");
  }

  /** Finds a session that belongs to this gateway. */
  find(hash: string): ClientSession | undefined {
    return this.#sessions.get(hash);
  }

  /** Calls the listener for each session that is over on this gateway. */
  onOver(listener: (session: ClientSession, how: Ending) => void): void {
    this.#onOver.push(listener);
  }

  changed(session: ClientSession): void {
    if (session.state !== "over") this.#options.store?.put(session);
  }

  /** Resolves to whether Redis has stored the change, so that other gateways can know it. */
  async entered(session: ClientSession, room: string, held: HeldRoom): Promise<boolean> {
    session.rooms.set(room, held);
    return session.state === "over" || ((await this.#options.store?.putRoom(session, room, held)) ?? true);
  }

  /** Resolves to whether Redis has stored the change, so that other gateways can know it. */
  async left(session: ClientSession, room: string): Promise<boolean> {
    if (!session.rooms.delete(room) || session.state === "over") return true;
    return (await this.#options.store?.removeRoom(session, room)) ?? true;
  }

  /**
   * Marks a session as away, because its client has disconnected and can return. Returns false if the session is not
   * live.
   */
  away(session: ClientSession): boolean {
    if (session.state !== "live") return false;
    session.state = "away";
    session.awaySinceMs = this.#options.nowMs();
    this.#options.store?.keep([session]);
    return true;
  }

  /** Ends a session. From now on, no connection can claim it. */
  end(session: ClientSession, reason: GoneReason = "ended"): void {
    if (session.state === "over") return;
    const gone = this.#options.gone.entryAtEnd(session, reason);
    if (this.#options.store?.end(session, gone) !== true) this.#options.gone.keep(gone);
    this.#overForAll(session, "ended");
  }

  /**
   * Ends all sessions, because recovery is turned off. Clients stay connected, but no connection can claim a session
   * any more.
   */
  turnOff(): void {
    const { store, gone } = this.#options;
    for (const session of this.#sessions.values()) {
      store?.end(session);
      if (session.state === "away") gone.keep(gone.entryAtEnd(session, "timeout"));
      this.#overForAll(session, "turned off");
    }
  }

  /**
   * Ends the sessions of a user or token whose clients are disconnected from this gateway. The session of a connected
   * client ends when its connection is closed.
   */
  endAway(target: EndTarget): void {
    for (const session of this.#sessions.values())
      if (session.state === "away" && isCovered(session, target)) this.end(session);
  }

  /**
   * Ends all sessions of a user or token in Redis. It does not matter which gateway they belong to, and whether this
   * gateway is dead.
   */
  endAll(target: EndTarget): void {
    if ("userId" in target) this.#options.store?.endAll("user", target.userId);
    else this.#options.store?.endAll("token", target.tokenId);
  }

  /**
   * Marks a session as left, because the grace period of its disconnected client has passed. Resolves to false if the
   * client has returned or the session has ended.
   */
  async leave(session: ClientSession): Promise<boolean> {
    const answer = await this.#options.owners?.leave(session);
    if (typeof answer === "object") this.takenElsewhere(session.hash, answer.generation, answer.owner);
    if (session.state !== "away") return false;
    session.hasLeft = true;
    return true;
  }

  /**
   * Confirms that the other members were told that the client has left, and lets the application be told. `isTold`: the
   * application was told already.
   */
  async confirmLeft(session: ClientSession, { isTold }: { isTold: boolean }): Promise<void> {
    const { owners, gone } = this.#options;
    const entry = isTold ? undefined : gone.entryAfterGrace(session, session.awaySinceMs);
    const isStored = await owners?.confirmLeft([{ hash: session.hash, gone: entry }]);
    if (isStored !== true) gone.keep(entry);
  }

  /** Writes all sessions again. Must be called when Redis can be used again, because it has possibly lost data. */
  putAll(): void {
    this.#options.store?.repeatEnds();
    for (const session of this.#sessions.values()) this.#options.store?.put(session, "again");
  }

  /** Handles what Redis knows about a session of this gateway: it has another owner, or it was counted as left. */
  heard({ kind, hash, generation, owner }: News): void {
    if (kind === "taken") return this.takenElsewhere(hash, generation, owner);
    const session = this.#sessions.get(hash);
    if (session === undefined || session.hasLeft) return;
    if (session.state === "live") this.#onRejoin(session);
    else session.hasLeft = true;
  }

  /** Sets what to do with a connected client about which the members of its rooms were told that it has left. */
  onRejoin(listener: (session: ClientSession) => void): void {
    this.#onRejoin = listener;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #take(local: ClientSession | undefined, session: ClientSession): ClientSession {
    if (local !== undefined) this.#over(local, "taken here");
    const next: ClientSession = { ...session, ...LIVE };
    this.#add(next);
    return next;
  }

  #overForAll(session: ClientSession, how: "ended" | "turned off"): void {
    this.#sessions.delete(session.hash);
    this.#over(session, how);
  }

  #over(session: ClientSession, how: Ending): void {
    session.state = "over";
    session.onOver(how);
    for (const listener of this.#onOver) listener(session, how);
  }

  #add(session: ClientSession): void {
    this.#sessions.delete(session.hash);
    this.#sessions.set(session.hash, session);
    if (this.#sessions.size <= this.#options.most()) return;
    for (const oldest of this.#sessions.values()) {
      if (oldest.state !== "away") continue;
      this.#sessions.delete(oldest.hash);
      return;
    }
  }

  #keep(): void {
    const { store, windowMs, nowMs } = this.#options;
    const live: ClientSession[] = [];
    for (const session of this.#sessions.values()) {
      if (session.state === "live") live.push(session);
      else if (nowMs() - session.awaySinceMs > windowMs()) this.#sessions.delete(session.hash);
    }
    store?.keep(live);
  }
}

function isCovered(session: ClientSession, target: EndTarget): boolean {
  return "userId" in target ? session.userId === target.userId : session.tokenId === target.tokenId;
}

function isOf(session: ClientSession, { userId, namespace }: Claimer): boolean {
  const isOfUser = userId === undefined || session.userId === userId;
  return isOfUser && session.namespace === namespace && session.state !== "over";
}

function hashOf(pid: string): string {
  return createHash("sha256").update(pid).digest("base64url");
}
