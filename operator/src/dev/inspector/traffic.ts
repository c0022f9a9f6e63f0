import type { HandlerCall } from "../handlers/handler-front.ts";
import type { PacketReader } from "./packet-reader.ts";
import { Ring } from "./ring.ts";
import { shown, shownJson } from "./shown.ts";

/** A client in one namespace. */
export interface ClientSession {
  socketId: string;
  user: string;
  recovered: boolean;
}

/** One connection of a client. `client-connection.ts` reads its packets. */
export interface SeenConnection {
  readonly gateway: string;
  readonly sinceMs: number;
  readonly transport: "websocket" | "polling";
  readonly sid: string;
  lastMs: number;
  readonly sessions: ReadonlyMap<string, ClientSession>;
  readonly fromClient: PacketReader;
  readonly fromGateway: PacketReader;
  /** Records that the gateway has refused the handshake. */
  refused(status: number, body: string): void;
  close(): void;
}

/** An event between a client and a gateway. */
export interface SeenEvent {
  atMs: number;
  direction: "from client" | "to client";
  gateway: string;
  namespace: string;
  user: string;
  event: string;
  data: string;
  /** How many clients got it. The same event to several clients is one entry. */
  clients: number;
  /** The ack, and how long it took. Undefined while there is none. */
  ack?: string;
  milliseconds?: number;
}

export interface SeenRefusal {
  atMs: number;
  code: string;
  message: string;
  user: string;
  gateway: string;
  /** "handshake", "connect", or the event that was refused. */
  at: string;
}

export interface SeenCall extends HandlerCall {
  atMs: number;
  event: string;
  user: string;
}

/** What clients have seen since the start. */
export interface Counts {
  connections: number;
  sessions: number;
  /** Connections that have ended. */
  ended: number;
  /** Sessions that clients have recovered, and the missed messages that they got. */
  recovered: number;
  replayed: number;
  /** Sessions that clients asked for and could not recover: messages may be missing. */
  lost: number;
}

const EVENTS = 200;
const ROOMS_OF_SOCKETS = 5_000;
const SAME_EVENT_MS = 1_000;
const LOOK_BACK = 20;
const POLLING_IDLE_MS = 60_000;

/** What passes between clients, gateways and handlers: the memory of the inspector. Its size is bounded. */
export class Traffic {
  readonly events = new Ring<SeenEvent>(EVENTS);
  readonly refusals = new Ring<SeenRefusal>(EVENTS);
  readonly calls = new Ring<SeenCall>(EVENTS);
  readonly connections = new Set<SeenConnection>();
  readonly nowMs: () => number;
  ended = 0;
  recovered = 0;
  replayed = 0;
  lost = 0;
  /** Grows with every change, so that a page can ask whether there is something new. */
  version = 0;
  /** Rooms by socket id. They outlive a connection, because a recovered session keeps its socket id and its rooms. */
  readonly #rooms = new Map<string, Set<string>>();

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  ofSession(sid: string): SeenConnection | undefined {
    return [...this.connections].find((connection) => connection.sid === sid);
  }

  /** Number of connections that have a session, of one gateway or of all. */
  count(gateway?: string): number {
    return this.#connected.filter((connection) => gateway === undefined || connection.gateway === gateway).length;
  }

  counts(): Counts {
    const sessions = this.#connected.reduce((sum, connection) => sum + connection.sessions.size, 0);
    const { ended, recovered, replayed, lost } = this;
    return { connections: this.#connected.length, sessions, ended, recovered, replayed, lost };
  }

  get #connected(): SeenConnection[] {
    // A client that polls ends without a sign. It polls at least every 45 s.
    for (const connection of this.connections)
      if (connection.transport === "polling" && this.nowMs() - connection.lastMs > POLLING_IDLE_MS) connection.close();
    return [...this.connections].filter(({ sessions }) => sessions.size > 0);
  }

  roomsOf(socketId: string): Set<string> {
    const rooms = this.#rooms.get(socketId) ?? new Set<string>();
    this.#rooms.set(socketId, rooms);
    if (this.#rooms.size > ROOMS_OF_SOCKETS) this.#rooms.delete(this.#rooms.keys().next().value!);
    return rooms;
  }

  sent(event: Omit<SeenEvent, "atMs" | "clients" | "direction">): void {
    this.version += 1;
    const atMs = this.nowMs();
    const same = this.events.newest(
      LOOK_BACK,
      (one) =>
        one.direction === "to client" &&
        one.event === event.event &&
        one.data === event.data &&
        one.namespace === event.namespace &&
        one.gateway === event.gateway &&
        atMs - one.atMs < SAME_EVENT_MS,
    );
    if (same === undefined) this.events.add({ atMs, ...event, direction: "to client", clients: 1 });
    else Object.assign(same, { clients: same.clients + 1, user: "" });
  }

  received(event: Omit<SeenEvent, "atMs" | "clients" | "direction">): SeenEvent {
    this.version += 1;
    return this.events.add({ atMs: this.nowMs(), ...event, direction: "from client", clients: 1 });
  }

  refused(refusal: Omit<SeenRefusal, "atMs">): void {
    this.version += 1;
    this.refusals.add({ atMs: this.nowMs(), ...refusal });
  }

  called(call: HandlerCall): void {
    this.version += 1;
    const { kind, event, user, socketId } = fieldsOf(call.request);
    const answer = call.status === 200 ? fieldsOf(call.answer) : {};
    if (typeof socketId === "string" && Array.isArray(answer["do"])) this.#applyRooms(socketId, answer["do"]);
    this.calls.add({
      ...{ atMs: this.nowMs(), ...call, request: shownJson(call.request), answer: shownJson(call.answer) },
      event: typeof event === "string" ? event : `hook ${String(kind)}`,
      user: typeof user === "string" ? shown(user).slice(1, -1) : "",
    });
  }

  /** A client is not told that a handler has put it into a room. So read the handler's answer. */
  #applyRooms(socketId: string, commands: readonly unknown[]): void {
    const rooms = this.roomsOf(socketId);
    for (const command of commands) {
      const { join, leave } = (command ?? {}) as { join?: unknown; leave?: unknown };
      if (typeof join === "string") rooms.add(join);
      if (typeof leave === "string") rooms.delete(leave);
    }
  }
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
