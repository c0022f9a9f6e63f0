import { io, type Socket } from "socket.io-client";
import type { Observation } from "./history.ts";

/** The test's one clock: it counts observations, so that no two are at the same time. */
export type Ticks = () => number;

export interface RecordingClientOptions {
  publicPort: number;
  token: string;
  rooms: readonly string[];
  ticks: Ticks;
}

interface Stamped {
  publisher: string;
  k: number;
  room: string;
}

const RECONNECTION_DELAY_MS = 20;
const JOIN_TIMEOUT_MS = 5_000;

/** A stock client that stays in its rooms and writes down what it sees. */
export class RecordingClient {
  readonly observations: Observation[] = [];
  /** How often it has been let in. */
  connections = 0;
  readonly #socket: Socket;
  readonly #options: RecordingClientOptions;
  readonly #joined = new Set<string>();

  constructor(options: RecordingClientOptions) {
    this.#options = options;
    this.#socket = io(`http://127.0.0.1:${options.publicPort}/messaging`, {
      transports: ["websocket"],
      forceNew: true,
      reconnectionDelay: RECONNECTION_DELAY_MS,
      reconnectionDelayMax: 20 * RECONNECTION_DELAY_MS,
      auth: { token: options.token },
    });
    this.#socket.on("connected", (welcome: { recovered?: boolean; lostRooms?: string[] }) => {
      const { recovered: isRecovered = false, lostRooms = [] } = welcome;
      this.connections += 1;
      this.observations.push({ type: "connected", at: options.ticks(), isRecovered, lostRooms });
      for (const room of isRecovered ? lostRooms : [...this.#joined]) this.#joined.delete(room);
      void this.#joinMissing();
    });
    this.#socket.on("stamped", ({ publisher, k, room }: Stamped) => {
      this.observations.push({ type: "received", at: options.ticks(), room, publisher, k });
    });
  }

  /** Connected, and a member of every room it wants. */
  isSettled(): boolean {
    return this.#socket.connected && this.#joined.size === this.#options.rooms.length;
  }

  /** As an application does that goes away and comes back. */
  close(): void {
    this.#socket.io._close();
  }

  async #joinMissing(): Promise<void> {
    for (const room of this.#options.rooms.filter((name) => !this.#joined.has(name))) {
      const answer = await this.#join(room);
      if (answer?.success !== true) return;
      this.observations.push({ type: "joined", at: this.#options.ticks(), room });
      this.#joined.add(room);
    }
  }

  /** Undefined when the connection ended first: the next `connected` begins again. */
  async #join(room: string): Promise<{ success?: boolean } | undefined> {
    try {
      return (await this.#socket.timeout(JOIN_TIMEOUT_MS).emitWithAck("join_room", { room })) as { success?: boolean };
    } catch {
      return undefined;
    }
  }
}
