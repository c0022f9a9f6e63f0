import { setTimeout as sleep } from "node:timers/promises";
import type { Socket } from "socket.io-client";
import type { Observation, Publication } from "./history.ts";

/** The clock of the test, shared by all clients. It counts events, so no two events have the same time. */
export type Ticks = () => number;

export interface RecordingClientOptions {
  name: string;
  /**
   * Creates a stock client that starts to connect. The client calls `auth` before each connection to get its auth
   * payload.
   */
  open: (auth: (give: (auth: object) => void) => void) => Socket;
  /** The token of the next connection. `closed` is a room of the client that this token does not allow. */
  presented: { readonly token: string; readonly closed?: string };
  /** The rooms that the client joins at the start. `want` replaces them. */
  rooms: readonly string[];
  ticks: Ticks;
  /** The list to which the client adds each message that it sends. */
  publications: Publication[];
}

/** The content of each message: the publisher's name and the message's number. */
export interface Stamp {
  publisher: string;
  k: number;
}

interface Welcome {
  recovered?: boolean;
  socketId: string;
  lostRooms?: string[];
}

interface Answer {
  success?: boolean;
  stored?: boolean;
  code?: string;
}

const ANSWER_WITHIN_MS = 10_000;
const AGAIN_AFTER_MS = 50;

/** A stock client that stays in its rooms, sends messages to them, and records everything that it receives. */
export class RecordingClient {
  readonly observations: Observation[] = [];
  readonly name: string;
  readonly socket: Socket;
  /** How many connections were accepted, and how many of them were recovered. */
  connections = 0;
  recoveries = 0;
  readonly #options: RecordingClientOptions;
  readonly #wanted: Set<string>;
  readonly #joined = new Set<string>();
  readonly #counts = new Map<string, number>();
  /**
   * How often the client connected without recovery. After each such connection, it counts its messages from 1 again,
   * as another publisher.
   */
  #life = 0;
  /** The room of the client that the token of the current connection does not allow. */
  #closed: string | undefined;
  #isMoving = false;
  #isClosed = false;

  constructor(options: RecordingClientOptions) {
    this.#options = options;
    this.name = options.name;
    this.#wanted = new Set(options.rooms);
    this.socket = options.open((give) => {
      const { token, closed } = options.presented;
      this.#closed = closed;
      give({ token });
    });
    this.socket.on("connected", (welcome: Welcome) => this.#connected(welcome));
    this.socket.on("stamped", (stamp: Stamp & { room: string }) => this.#received(stamp.room, stamp));
    this.socket.on("message", ({ room, message }: { room: string; message: Stamp }) => this.#received(room, message));
    for (const what of ["user_joined", "user_left"] as const)
      this.socket.on(what, ({ room, socketId }: { room: string; socketId: string }) =>
        this.observations.push({ type: "sighted", at: options.ticks(), what, room, socketId }),
      );
  }

  /** Whether the client is connected, and has joined exactly the rooms that it wants. */
  isSettled(): boolean {
    return this.socket.connected && !this.#isMoving && this.#unsettled() === undefined;
  }

  get rooms(): ReadonlySet<string> {
    return this.#joined;
  }

  want(rooms: readonly string[]): void {
    this.#wanted.clear();
    for (const room of rooms) this.#wanted.add(room);
    void this.#move();
  }

  wants(room: string): boolean {
    return this.#wanted.has(room);
  }

  /** The pid and the offset that the client would send if it reconnected now. */
  held(): { pid: string; offset: string } {
    const { _pid: pid, _lastOffset: offset } = this.socket as unknown as { _pid: string; _lastOffset: string };
    return { pid, offset };
  }

  /** Breaks the client's connection without a close frame, like a network failure. The client reconnects by itself. */
  cut(): void {
    const engine = this.socket.io.engine as unknown as { transport: { ws?: { terminate(): void } } } | undefined;
    engine?.transport.ws?.terminate();
  }

  async refreshToken(token: string): Promise<void> {
    await this.#ask("refresh_token", { token });
  }

  /**
   * Sends a message to one of its rooms, and records the gateway's answer. A disconnected client sends it when it is
   * connected again.
   */
  async send(room: string): Promise<void> {
    const { ticks, publications, name } = this.#options;
    const life = this.#life;
    const k = (this.#counts.get(room) ?? 0) + 1;
    this.#counts.set(room, k);
    const publisher = `${name}.${life}`;
    const publication: Publication = {
      ...{ publisher, room, k },
      ...{ sentAt: ticks(), answeredAt: Infinity, outcome: "unknown" },
    };
    publications.push(publication);
    const answer = await this.#ask("send_message", { room, message: { publisher, k } });
    if (answer === undefined) return;
    publication.answeredAt = ticks();
    publication.outcome = answer.success !== true ? "refused" : answer.stored === true ? "stored" : "delivered";
    const isMember = this.#life === life && this.#joined.has(room) && this.#wanted.has(room);
    if (answer.success !== true && isMember)
      this.observations.push({ type: "refused", at: ticks(), room, code: answer.code ?? "none" });
  }

  /** Closes the client's connection. The client does not reconnect by itself. */
  close(): void {
    this.#isClosed = true;
    this.socket.io._close();
  }

  #received(room: string, { publisher, k }: Stamp): void {
    this.observations.push({ type: "received", at: this.#options.ticks(), room, publisher, k });
  }

  #connected({ recovered: isRecovered = false, socketId, lostRooms = [] }: Welcome): void {
    this.observations.push({ type: "connected", at: this.#options.ticks(), isRecovered, socketId, lostRooms });
    this.connections += 1;
    if (isRecovered) this.recoveries += 1;
    else {
      this.#life += 1;
      this.#counts.clear();
    }
    const closed = this.#closed;
    if (closed !== undefined) {
      this.#wanted.delete(closed);
      if (isRecovered && this.#joined.has(closed) && !lostRooms.includes(closed))
        this.observations.push({ type: "refused", at: this.#options.ticks(), room: closed, code: "not lost" });
    }
    for (const room of isRecovered ? lostRooms : [...this.#joined]) this.#joined.delete(room);
    void this.#move();
  }

  #unsettled(): string | undefined {
    for (const room of this.#wanted) if (!this.#joined.has(room)) return room;
    for (const room of this.#joined) if (!this.#wanted.has(room)) return room;
    return undefined;
  }

  /** Joins and leaves rooms until the client is in exactly the rooms that it wants. */
  async #move(): Promise<void> {
    if (this.#isMoving) return;
    this.#isMoving = true;
    for (;;) {
      const room = this.#unsettled();
      if (room === undefined || this.#isClosed || !this.socket.connected) break;
      const to = this.#wanted.has(room) ? "join" : "leave";
      this.observations.push({ type: "asked", at: this.#options.ticks(), to, room });
      const life = this.#life;
      const answer = await this.#ask(`${to}_room`, { room });
      if (life === this.#life && !this.#moved(to, room, answer)) await sleep(AGAIN_AFTER_MS);
    }
    this.#isMoving = false;
  }

  #moved(to: "join" | "leave", room: string, answer: Answer | undefined): boolean {
    const isDone = answer?.success === true || (to === "leave" && answer?.code === "NOT_IN_ROOM");
    if (!isDone) return false;
    this.observations.push({ type: "answered", at: this.#options.ticks(), to, room });
    if (to === "join") this.#joined.add(room);
    else this.#joined.delete(room);
    return true;
  }

  /**
   * Sends an event and returns the gateway's answer. Undefined when there is no answer in time, for example because the
   * connection has ended.
   */
  async #ask(event: string, payload: object): Promise<Answer | undefined> {
    try {
      return (await this.socket.timeout(ANSWER_WITHIN_MS).emitWithAck(event, payload)) as Answer;
    } catch {
      return undefined;
    }
  }
}
