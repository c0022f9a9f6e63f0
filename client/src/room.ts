import type { Socket } from "socket.io-client";
import { ask } from "./ask.ts";
import { Listeners, type Off } from "./listeners.ts";
import { refusalIn, type Refusal } from "./refusal.ts";
import { sendWithRetries, type SendOptions, type SendResult } from "./send.ts";

/** The events that join and leave a room, and their payload. They differ for rooms with a name and rooms of a case. */
export interface RoomKind {
  enter: string;
  leave: string;
  payload: object;
}

export interface Follower {
  /**
   * Loads the current state. Called when the client has joined the room, and again whenever it may have missed events.
   * The signal aborts when another `load` has started since, or when the handle was released: then ignore the answer.
   */
  load: (signal: AbortSignal) => Promise<void>;
  /**
   * Called for each event after `load`, in order. Events that arrive while `load` runs are passed after it has ended.
   */
  apply: (event: string, payload: unknown) => void;
}

/** The membership of this client in one room. All handles on the room share it. */
export class RoomMembership {
  readonly name: string;
  readonly kind: RoomKind;
  readonly events = new Listeners<{ event: string; payload: unknown }>();
  readonly gaps = new Listeners<void>();
  readonly refusals = new Listeners<Refusal>();
  /** Number of handles that are not released. */
  users = 0;
  /**
   * True while the client is a member of the room on the gateway. Stays true when the connection is lost, because the
   * client may be recovered.
   */
  isMember = false;
  /** Like isMember, but also true while the client waits for the answer to a join or leave, or got none. */
  mayBeMember = false;
  /** Whether a message can be sent to the room now. */
  isUsable = false;
  /** True from the request to join until its answer. */
  isJoining = false;
  #waiting: (() => void)[] = [];

  constructor(name: string, kind: RoomKind) {
    this.name = name;
    this.kind = kind;
  }

  /** Joins the room. Then reports a gap, because events from before the join are missing. */
  async join(socket: Socket): Promise<void> {
    if (this.isMember || this.isJoining || !socket.connected) return;
    const mayHaveBeenMember = this.mayBeMember;
    this.isJoining = true;
    this.mayBeMember = true;
    const answer = await ask(socket, ANSWER_WITHIN_MS, this.kind.enter, this.kind.payload);
    this.isJoining = false;
    if (answer === undefined) {
      // The client may be on another connection by now, and then asks again. Without a connection, it joins later.
      if (this.users > 0) await this.join(socket);
      return;
    }
    const refusal = refusalIn(answer);
    if (refusal !== undefined) {
      this.mayBeMember = mayHaveBeenMember;
      return this.refusals.emit(refusal);
    }
    this.isMember = true;
    this.resume();
    this.gaps.emit();
  }

  /** Call when the client is connected again. If it is still a member of the room, messages that wait are sent now. */
  resume(): void {
    this.isUsable = this.isMember;
    if (this.isUsable) for (const go of this.#waiting.splice(0)) go();
  }

  /**
   * Leaves the room. If no answer comes, the client may still be a member, because its session may be recovered. Then
   * call this again.
   */
  async leave(socket: Socket): Promise<void> {
    this.isMember = false;
    this.isUsable = false;
    if (!this.mayBeMember) return;
    const answer = await ask(socket, ANSWER_WITHIN_MS, this.kind.leave, this.kind.payload);
    const isOut = answer !== undefined && (refusalIn(answer)?.code ?? "NOT_IN_ROOM") === "NOT_IN_ROOM";
    // After a new request to join, only the answer to that one says whether the client is a member.
    if (isOut && this.users === 0 && !this.isJoining) this.mayBeMember = false;
  }

  /** Call when the gateway says that the client is not in the room. */
  lost(): void {
    this.isMember = false;
    this.mayBeMember = false;
  }

  /** Resolves when the client is in the room and connected, or when the signal aborts. */
  joined(signal: AbortSignal): Promise<void> {
    if (this.isUsable || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}

const ANSWER_WITHIN_MS = 10_000;

export interface RoomDeps {
  socket: Socket;
  /** Whether the gateway accepts this optional field of send_message. */
  knows: (field: "key" | "volatile") => boolean;
  random: () => number;
  release: (room: Room) => void;
}

/**
 * A handle on a room. Each part of an application has its own handle, and releases it when it ends. The client leaves
 * the room after the last release.
 */
export class Room {
  readonly membership: RoomMembership;
  readonly #deps: RoomDeps;
  readonly #offs = new Set<Off>();
  readonly #released = new AbortController();

  constructor(membership: RoomMembership, deps: RoomDeps) {
    this.membership = membership;
    this.#deps = deps;
  }

  get name(): string {
    return this.membership.name;
  }

  /** Listens to an event of this room: message, user_joined, user_left or presence, and case:updated for a case. */
  on(event: string, listener: (payload: never) => void): Off {
    return this.#until(
      this.membership.events.add((one) => {
        if (one.event === event) (listener as (payload: unknown) => void)(one.payload);
      }),
    );
  }

  /**
   * Calls `reload` when the client has joined the room, and again whenever the client may have missed events. Load what
   * you show again.
   */
  onGap(reload: () => void): Off {
    const off = this.#until(this.membership.gaps.add(reload));
    if (this.membership.isMember) queueMicrotask(() => this.#offs.has(off) && reload());
    return off;
  }

  /** Calls the listener when the gateway refuses to let the client into the room (FORBIDDEN or ROOM_LIMIT_EXCEEDED). */
  onRefused(listener: (refusal: Refusal) => void): Off {
    return this.#until(this.membership.refusals.add(listener));
  }

  /**
   * Calls `load`, and then `apply` for every event, so that none is missed in between. After a gap in the events it
   * starts again. If `load` fails, it is called again only after the next gap.
   */
  follow({ load, apply }: Follower): Off {
    let held: { event: string; payload: unknown }[] | undefined = [];
    let loading = new AbortController();
    const offEvents = this.membership.events.add((one) => {
      if (held === undefined) apply(one.event, one.payload);
      else held.push(one);
    });
    const stop = this.#until(() => {
      loading.abort();
      offEvents();
    });
    const reload = async (): Promise<void> => {
      loading.abort();
      const mine = new AbortController();
      loading = mine;
      held = [];
      await load(mine.signal);
      if (mine.signal.aborted) return;
      const late = held;
      held = undefined;
      for (const { event, payload } of late) apply(event, payload);
    };
    const offGap = this.onGap(() => void reload().catch(() => undefined));
    return () => {
      stop();
      offGap();
    };
  }

  /** Sends a message to the members of the room. Never throws: the result says what happened. */
  send(message: unknown, options: SendOptions = {}): Promise<SendResult> {
    const { membership } = this;
    return sendWithRetries({ ...this.#deps, membership, released: this.#released.signal }, message, options);
  }

  release(): void {
    if (this.#released.signal.aborted) return;
    this.#released.abort();
    for (const off of this.#offs) off();
    this.#deps.release(this);
  }

  /** Returns a function that removes a listener. Releasing the handle removes the listener, too. */
  #until(remove: Off): Off {
    const off = (): void => {
      if (this.#offs.delete(off)) remove();
    };
    this.#offs.add(off);
    return off;
  }
}
