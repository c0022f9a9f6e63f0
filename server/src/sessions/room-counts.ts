import { COUNT_EVERY_MS } from "../protocol/presence.ts";

export interface RoomCountOptions {
  /** Number of participants in the whole cluster, from the ledger. */
  countOf: (namespace: string, room: string) => Promise<number>;
  /** Sends the count to all members of the room, or only to these sockets of this gateway. */
  tell: (members: { namespace: string; room: string; only?: ReadonlySet<string> }, participantCount: number) => void;
  onFailed: (error: unknown) => void;
  /** Milliseconds between two announcements of a room's count. Default: COUNT_EVERY_MS. */
  everyMs?: number;
}

interface DueCount {
  isForAll: boolean;
  /** Sockets of clients that have returned. */
  returned: Set<string>;
}

/**
 * Announces the member count of large rooms that changed on this gateway, once for all changes of a second. It reads
 * the ledger just before: several gateways announce, and the last one must not send the oldest count. Missed counts are
 * not sent again, so a client that returns gets the present count in the same way.
 */
export class RoomCounts {
  readonly #options: RoomCountOptions;
  /** Namespace → room → the members that get the room's count. */
  #due = new Map<string, Map<string, DueCount>>();
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RoomCountOptions) {
    this.#options = options;
  }

  changed(namespace: string, room: string): void {
    const due = this.#dueOf(namespace, room);
    if (due !== undefined) due.isForAll = true;
  }

  /** Call when a client has returned to a room. */
  returned(namespace: string, room: string, socketId: string): void {
    this.#dueOf(namespace, room)?.returned.add(socketId);
  }

  /**
   * Stops permanently. Clients also leave their rooms when a closing gateway disconnects them, but that needs no
   * announcement.
   */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #dueOf(namespace: string, room: string): DueCount | undefined {
    if (this.#isStopped) return undefined;
    this.#timer ??= setTimeout(() => void this.#tell(), this.#options.everyMs ?? COUNT_EVERY_MS).unref();
    const rooms = this.#due.get(namespace) ?? new Map<string, DueCount>();
    this.#due.set(namespace, rooms);
    const due = rooms.get(room) ?? { isForAll: false, returned: new Set() };
    rooms.set(room, due);
    return due;
  }

  async #tell(): Promise<void> {
    const due = this.#due;
    this.#due = new Map();
    this.#timer = undefined;
    const { countOf, tell, onFailed } = this.#options;
    for (const [namespace, rooms] of due) {
      for (const [room, { isForAll, returned }] of rooms) {
        try {
          const participantCount = await countOf(namespace, room);
          const only = isForAll ? {} : { only: returned };
          if (participantCount > 0) tell({ namespace, room, ...only }, participantCount);
        } catch (error) {
          onFailed(error);
        }
      }
    }
  }
}
