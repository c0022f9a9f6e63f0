import type { Socket } from "socket.io-client";
import { Listeners, type Off } from "./listeners.ts";
import { refusalIn, type Refusal } from "./refusal.ts";
import { sendWithRetries, type SendOptions, type SendResult } from "./send.ts";

/** How a room is entered and left: by name, or as a case. */
export interface RoomKind {
  enter: [event: string, payload: object];
  leave: [event: string, payload: object];
  /** Whether an event of the connection belongs to this room. */
  owns: (payload: unknown) => boolean;
}

export interface Follower {
  /** Loads the current state. Called at first, and again whenever the client may have missed something. */
  load: () => Promise<void>;
  /** Called for every later event in order, and for events that arrived while `load` was running. */
  apply: (event: string, payload: unknown) => void;
}

/** A client's membership in one room. Every part of an application that uses the room has its own handle. */
export class RoomMembership {
  readonly name: string;
  readonly kind: RoomKind;
  readonly events = new Listeners<{ event: string; payload: unknown }>();
  readonly gaps = new Listeners<void>();
  readonly refusals = new Listeners<Refusal>();
  /** Number of handles in use. */
  users = 0;
  /** True while the gateway counts this client as a member. After a lost connection it keeps its value. */
  isMember = false;
  #isUsable = false;
  #isJoining = false;
  #waiting: (() => void)[] = [];

  constructor(name: string, kind: RoomKind) {
    this.name = name;
    this.kind = kind;
  }

  /** Enters the room on this connection, and then reports a gap, because earlier events are unknown. */
  async join(socket: Socket): Promise<void> {
    if (this.isMember || this.#isJoining || !socket.connected) return;
    this.#isJoining = true;
    try {
      const [event, payload] = this.kind.enter;
      const answer = (await socket.timeout(JOIN_TIMEOUT_MS).emitWithAck(event, payload)) as Record<string, unknown>;
      const refusal = refusalIn(answer);
      if (refusal !== undefined) return this.refusals.emit(refusal);
      this.isMember = true;
      this.resume();
      this.gaps.emit();
    } catch {
      // If the connection has ended first, the next connection joins again.
    } finally {
      this.#isJoining = false;
    }
  }

  /** Whether a message can be sent now. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /**
   * Call when the connection is lost. Nothing can be sent until the client has entered the room again or is recovered.
   */
  suspend(): void {
    this.#isUsable = false;
  }

  /** Call when the client is in the room again without a join. */
  resume(): void {
    this.#isUsable = this.isMember;
    if (this.#isUsable) for (const go of this.#waiting.splice(0)) go();
  }

  leave(socket: Socket): void {
    if (!this.isMember) return;
    this.isMember = false;
    if (socket.connected) socket.emit(...this.kind.leave);
  }

  /** Resolves when the client has entered the room, or when the signal aborts. */
  joined(signal: AbortSignal): Promise<void> {
    if (this.#isUsable || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}

const JOIN_TIMEOUT_MS = 10_000;

export interface RoomDeps {
  socket: Socket;
  /** Whether the gateway accepts this optional field of send_message. */
  knows: (field: "key" | "volatile") => boolean;
  random: () => number;
  release: (room: Room) => void;
}

/** A handle on a room. Release it when that part of the application ends; the last release leaves the room. */
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

  /** Listens to an event of this room: message, user_joined, user_left, presence; case:updated for a case. */
  on(event: string, listener: (payload: never) => void): Off {
    return this.#until(
      this.membership.events.add((one) => {
        if (one.event === event) (listener as (payload: unknown) => void)(one.payload);
      }),
    );
  }

  /**
   * Called when the client has entered the room for the first time, and whenever it may have missed something since.
   * Reload what you show.
   */
  onGap(reload: () => void): Off {
    if (this.membership.isMember) queueMicrotask(reload);
    return this.#until(this.membership.gaps.add(reload));
  }

  /** Called when the gateway does not let this client into the room: FORBIDDEN or ROOM_LIMIT_EXCEEDED. */
  onRefused(listener: (refusal: Refusal) => void): Off {
    return this.#until(this.membership.refusals.add(listener));
  }

  /**
   * Loads the current state and then applies every event without a gap in between. A failed load is repeated at the
   * next gap.
   */
  follow({ load, apply }: Follower): Off {
    let held: { event: string; payload: unknown }[] | undefined = [];
    let loads = 0;
    const offEvents = this.membership.events.add((one) => {
      if (held === undefined) apply(one.event, one.payload);
      else held.push(one);
    });
    const stop = this.#until(() => {
      loads += 1;
      offEvents();
    });
    const reload = async (): Promise<void> => {
      loads += 1;
      const mine = loads;
      held = [];
      await load();
      // A newer gap has started its own load, or the listener has been removed.
      if (mine !== loads) return;
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

  /** Sends a message to the members of the room. Never throws: the result contains the error. */
  send(message: unknown, options: SendOptions = {}): Promise<SendResult> {
    const { socket, knows, random } = this.#deps;
    return sendWithRetries(
      { socket, knows, random, membership: this.membership, released: this.#released.signal },
      message,
      options,
    );
  }

  release(): void {
    if (this.#released.signal.aborted) return;
    this.#released.abort();
    for (const off of this.#offs) off();
    this.#deps.release(this);
  }

  /** Removes a listener on request, or when the handle is released. */
  #until(remove: Off): Off {
    const off = (): void => {
      if (this.#offs.delete(off)) remove();
    };
    this.#offs.add(off);
    return off;
  }
}
