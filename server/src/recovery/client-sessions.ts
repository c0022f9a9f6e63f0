import { createHash, randomBytes } from "node:crypto";
import type { Identity } from "../auth/identity.ts";
import { tokenOf } from "./client-session.ts";
import type { ClientSession } from "./client-session.ts";
import type { SessionStore } from "./redis/session-store.ts";

export interface ClientSessionsOptions {
  /** Undefined: this gateway is alone. */
  store: SessionStore | undefined;
  owner: string;
  windowMs: () => number;
  most: () => number;
  nowMs: () => number;
  random?: (bytes: number) => Buffer;
}

/** A pid as this gateway makes them; longer ones, and other characters, were never given to anybody. */
const PID = /^[A-Za-z0-9_-]{24}$/;
const PID_BYTES = 18;
const KEEP_EVERY_MS = 30_000;

/** The sessions of this gateway's clients, those that are away included. */
export class ClientSessions {
  readonly #options: ClientSessionsOptions;
  readonly #sessions = new Map<string, ClientSession>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: ClientSessionsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#keep(), KEEP_EVERY_MS);
    this.#timer.unref();
  }

  begin(
    identity: Identity,
    {
      namespace,
      socketId,
      begunAt,
      hadBefore,
    }: Pick<ClientSession, "namespace" | "socketId" | "begunAt" | "hadBefore">,
  ): ClientSession {
    const pid = (this.#options.random ?? randomBytes)(PID_BYTES).toString("base64url");
    const session: ClientSession = {
      ...{ pid, hash: hashOf(pid), userId: identity.userId, namespace, socketId, begunAt, hadBefore },
      ...tokenOf(identity),
      ...{ rooms: new Map(), generation: 1, hasLeft: false, state: "live", awaySinceMs: 0, onTaken: () => undefined },
    };
    this.#add(session);
    return session;
  }

  /** Makes this connection the owner, and ends the one that was; undefined when there is no such session of this user. */
  async claim(pid: unknown, userId: string, namespace: string): Promise<ClientSession | undefined> {
    if (typeof pid !== "string" || !PID.test(pid)) return undefined;
    const hash = hashOf(pid);
    const { store } = this.#options;
    const stored = await store?.claim(hash, userId, namespace);
    const local = this.#sessions.get(hash);
    if (stored === "none") return undefined;
    if (stored === undefined) {
      // Without Redis only this gateway's own sessions are known.
      if (local === undefined || local.userId !== userId || local.namespace !== namespace) return undefined;
      return local.state === "over" ? undefined : this.#taken(local, { ...local, pid });
    }
    const rooms = local !== undefined && local.generation >= stored.generation - 1 ? local.rooms : stored.rooms;
    return this.#taken(local, { ...stored, pid, rooms, state: "live", awaySinceMs: 0, onTaken: () => undefined });
  }

  /** Another gateway has become its owner. */
  takenElsewhere(hash: string, generation: number, owner: string): void {
    const session = this.#sessions.get(hash);
    if (session === undefined || owner === this.#options.owner || generation <= session.generation) return;
    this.#sessions.delete(hash);
    this.#over(session, "elsewhere");
  }

  changed(session: ClientSession): void {
    if (session.state !== "over") this.#options.store?.put(session);
  }

  entered(session: ClientSession, room: string, held: { isKnown: boolean; offset: string }): void {
    session.rooms.set(room, held);
    if (session.state !== "over") this.#options.store?.putRoom(session, room, held);
  }

  left(session: ClientSession, room: string): void {
    if (session.rooms.delete(room) && session.state !== "over") this.#options.store?.removeRoom(session, room);
  }

  /** Its client has gone and may return. */
  away(session: ClientSession): void {
    if (session.state !== "live") return;
    session.state = "away";
    session.awaySinceMs = this.#options.nowMs();
    this.#options.store?.keep([session]);
  }

  /** Nobody may claim it any more. */
  end(session: ClientSession): void {
    if (session.state === "over") return;
    session.state = "over";
    this.#sessions.delete(session.hash);
    this.#options.store?.end(session);
  }

  /** Ends those of a user who is away; those who are connected are ended with their connections. */
  endAwayOf(userId: string): void {
    for (const session of this.#sessions.values())
      if (session.userId === userId && session.state === "away") this.end(session);
  }

  /** Redis is back, and may have lost what it had. */
  putAll(): void {
    for (const session of this.#sessions.values()) this.#options.store?.put(session);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #taken(local: ClientSession | undefined, session: ClientSession): ClientSession {
    if (local !== undefined) this.#over(local, "here");
    const next: ClientSession = { ...session, state: "live", awaySinceMs: 0, onTaken: () => undefined };
    this.#add(next);
    return next;
  }

  #over(session: ClientSession, where: "here" | "elsewhere"): void {
    session.state = "over";
    session.onTaken(where);
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

function hashOf(pid: string): string {
  return createHash("sha256").update(pid).digest("base64url");
}
