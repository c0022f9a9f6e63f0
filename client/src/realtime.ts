import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { backoffMs } from "./backoff.ts";
import { Listeners, type Off } from "./listeners.ts";
import { moveToNextConnection } from "./next-connection.ts";
import { isFinal, type Refusal } from "./refusal.ts";
import { Room, RoomMembership, type RoomKind } from "./room.ts";
import type { Status } from "./status.ts";

export type { Off } from "./listeners.ts";
export type { Refusal, RefusalCode } from "./refusal.ts";
export type { Follower, Room } from "./room.ts";
export type { SendOptions, SendResult } from "./send.ts";
export type { Status } from "./status.ts";

export interface RealtimeOptions {
  /**
   * Fetches a token. The client calls this for every connection, and before its token expires. Omit it for clusters
   * that need no token.
   */
  token?: () => Promise<string>;
  /** Default: /messaging. */
  namespace?: "/events" | "/messaging";
  /** Options for socket.io-client. */
  socketOptions?: Partial<ManagerOptions & SocketOptions>;
  /**
   * Returns random numbers from 0 to 1. The client uses them for waits and for the keys of messages. Default:
   * Math.random.
   */
  random?: () => number;
}

/** The payload of "connected", the first event that a gateway sends to each client. */
interface Greeting {
  socketId: string;
  userId: string;
  /**
   * The optional fields of send_message that this gateway accepts. Undefined on older gateways, which refuse a message
   * with such a field.
   */
  features?: string[];
  /** Whether the client's session was recovered. Undefined on gateways without recovery. */
  recovered?: boolean;
  lostRooms?: string[];
}

/** The events that a back end publishes: for each name, the type of its payload. */
export type EventMap = Record<string, unknown>;

/** A client of a RealtimeCluster. Call connect() to start it. It reconnects by itself when the connection is lost. */
export class Realtime<Events extends EventMap = EventMap> {
  /** The socket of socket.io-client that this class uses, for features that this class does not have. */
  readonly socket: Socket;
  readonly #options: RealtimeOptions;
  readonly #random: () => number;
  readonly #memberships = new Map<string, RoomMembership>();
  readonly #statuses = new Listeners<Status>();
  #status: Status = { state: "idle" };
  #features: readonly string[] = [];
  #refusals = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #move: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, options: RealtimeOptions = {}) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    const { token, namespace = "/messaging", socketOptions } = options;
    this.socket = io(new URL(namespace, url).href, {
      transports: ["websocket"],
      autoConnect: false,
      auth: (give: (auth: object) => void) => void this.#authenticate(token, give),
      ...socketOptions,
    });
    this.socket.on("connected", (greeting: Greeting) => this.#greeted(greeting));
    this.socket.on("disconnect", (reason) => this.#lost(reason));
    this.socket.on("connect_error", (error: Error & { data?: Refusal }) => this.#refused(error.data));
    this.socket.on("token:expiring", () => void this.#renew());
    this.socket.on("server:draining", ({ reconnectWithinMs }: { reconnectWithinMs: number }) =>
      this.#moveLater(this.#random() * reconnectWithinMs),
    );
    this.socket.onAny((event: string, payload: unknown) => this.#dispatch(event, payload));
  }

  get status(): Status {
    return this.#status;
  }

  /**
   * Starts to connect. In the state `refused` the client does not retry: remove the cause, and then call this again.
   */
  connect(): void {
    if (this.#status.state === "closed") return;
    if (this.#status.state !== "live") this.#change({ state: "connecting" });
    this.socket.connect();
  }

  onStatus(listener: (status: Status) => void): Off {
    return this.#statuses.add(listener);
  }

  /** Listens to an event of any room, for example to events that a back end publishes. */
  on<E extends keyof Events & string>(event: E, listener: (payload: Events[E]) => void): Off {
    // Do not pass further arguments to the application: a gateway with recovery adds an offset after the payload.
    const only = (payload: unknown): void => listener(payload as Events[E]);
    this.socket.on<string>(event, only);
    return () => void this.socket.off<string>(event, only);
  }

  /**
   * Returns a handle on a room. The client joins the room with the first handle, and leaves it when the last handle is
   * released.
   */
  room(name: string): Room {
    return this.#handle(name, { enter: "join_room", leave: "leave_room", payload: { room: name } });
  }

  /** Returns a handle on the room of a case, which is like a handle from room(). */
  case(caseId: string): Room {
    return this.#handle(`case:${caseId}`, { enter: "subscribe:case", leave: "unsubscribe:case", payload: { caseId } });
  }

  /** Ends the client permanently. */
  close(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#move);
    this.#change({ state: "closed" });
    this.socket.disconnect();
  }

  #handle(name: string, kind: RoomKind): Room {
    const membership = this.#memberships.get(name) ?? new RoomMembership(name, kind);
    this.#memberships.set(name, membership);
    membership.users += 1;
    void this.#join(membership);
    return new Room(membership, {
      socket: this.socket,
      knows: (field) => this.#features.includes(field),
      random: this.#random,
      release: () => this.#release(membership),
    });
  }

  /**
   * Leaves the room after the last release, with a delay. A component of a page may release the room just before its
   * successor requests the same room. Without the delay, the client would leave the room and join it again.
   */
  #release(membership: RoomMembership): void {
    membership.users -= 1;
    setTimeout(() => {
      // Without a connection, the client leaves the room when it is connected again.
      if (membership.users === 0 && this.socket.connected) void this.#leave(membership);
    }, LEAVE_AFTER_MS);
  }

  async #join(membership: RoomMembership): Promise<void> {
    await membership.join(this.socket);
    if (membership.users === 0) await this.#leave(membership);
  }

  async #leave(membership: RoomMembership): Promise<void> {
    // After a leave, the answer to the join would look as if the client were in the room. So leave after this answer.
    if (membership.isJoining) return;
    await membership.leave(this.socket);
    // Otherwise the client asks again to leave when it is recovered on a new connection.
    const { name, users, mayBeMember } = membership;
    if (users === 0 && !mayBeMember && this.#memberships.get(name) === membership) this.#memberships.delete(name);
  }

  #greeted({ features = [], recovered, lostRooms = [] }: Greeting): void {
    this.#features = features;
    this.#refusals = 0;
    if (this.#status.state !== "live") this.#change({ state: "live" });
    for (const membership of this.#memberships.values()) {
      if (recovered !== true || lostRooms.includes(membership.name)) membership.lost();
      membership.resume();
      if (membership.users === 0) void this.#leave(membership);
      else void this.#join(membership);
    }
  }

  /**
   * Moves to another gateway before this one closes the connection. If that fails, tries again until the connection is
   * closed.
   */
  #moveLater(afterMs: number, attempt = 0): void {
    const { io: manager } = this.socket;
    const { engine } = manager;
    clearTimeout(this.#move);
    this.#move = setTimeout(async () => {
      // Another client that shares the manager may have moved it already.
      if (manager.engine !== engine || (await moveToNextConnection(manager)) || !this.socket.active) return;
      this.#moveLater(backoffMs(attempt, this.#random), attempt + 1);
    }, afterMs);
  }

  #lost(reason: Socket.DisconnectReason): void {
    // Until the client has joined the rooms again or is recovered, it sends no messages to them.
    for (const membership of this.#memberships.values()) membership.isUsable = false;
    const { state } = this.#status;
    if (state === "closed" || state === "refused") return;
    // A handler of the application has ended the session, and socket.io-client does not reconnect.
    if (reason === "io server disconnect") return this.#change({ state: "refused", refusal: DISCONNECTED });
    this.#change({ state: "reconnecting", sinceMs: Date.now() });
  }

  #refused(refusal: Refusal | undefined): void {
    // The gateway refused nothing: the connection failed, and socket.io-client retries by itself.
    if (refusal === undefined || this.#status.state === "closed") return;
    this.#refusals += 1;
    const isTokenBad = refusal.code === "UNAUTHENTICATED" && this.#refusals > 1;
    if (isFinal(refusal) || isTokenBad) return this.#change({ state: "refused", refusal });
    this.#reconnectLater((refusal.retryAfter ?? 0) * 1_000);
  }

  #reconnectLater(atLeastMs = 0): void {
    clearTimeout(this.#retry);
    const waitMs = backoffMs(this.#refusals, this.#random, atLeastMs);
    this.#retry = setTimeout(() => this.socket.connect(), waitMs);
  }

  async #authenticate(token: (() => Promise<string>) | undefined, give: (auth: object) => void): Promise<void> {
    try {
      // With movesItself, a gateway that drains lets the client move by itself.
      const auth = { movesItself: true, ...(token && { token: await token() }) };
      // Do not send CONNECT if the client was closed while it fetched the token. If another namespace keeps the
      // connection open, the gateway would accept the CONNECT.
      if (this.#status.state !== "closed") give(auth);
    } catch {
      // The token is for the next connection. The client keeps the present one.
      if (this.socket.connected) return;
      // Without a token, the client cannot enter its namespace. Close the connection, and try again later.
      this.#refusals += 1;
      this.socket.disconnect();
      if (this.#status.state !== "closed") this.#reconnectLater();
    }
  }

  /** Fetches a new token and sends it to the gateway. */
  async #renew(): Promise<void> {
    try {
      const token = await this.#options.token?.();
      if (token !== undefined && this.socket.connected) this.socket.emit("refresh_token", { token });
    } catch {
      // The gateway closes the connection when the old token expires. The client then reconnects and fetches again.
    }
  }

  /** Finds the rooms of an event by name, because a client may be in many rooms. */
  #dispatch(event: string, payload: unknown): void {
    const { room, caseId } = (payload ?? {}) as { room?: string; caseId?: string };
    for (const name of new Set([room, `case:${caseId}`])) {
      const membership = this.#memberships.get(name as string);
      if (membership?.isMember) membership.events.emit({ event, payload });
    }
  }

  #change(status: Status): void {
    this.#status = status;
    this.#statuses.emit(status);
  }
}

const DISCONNECTED: Refusal = { code: "FORBIDDEN", message: "disconnected by a handler" };

/** Milliseconds between the last release of a room and leaving it. */
export const LEAVE_AFTER_MS = 300;

/** Creates a client for the RealtimeCluster at this URL. Call connect() to start it. */
export function realtime<Events extends EventMap = EventMap>(
  url: string,
  options: RealtimeOptions = {},
): Realtime<Events> {
  return new Realtime<Events>(url, options);
}
