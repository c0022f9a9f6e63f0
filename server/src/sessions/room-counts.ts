import { COUNT_EVERY_MS } from "../protocol/presence.ts";

export interface RoomCountOptions {
  /** Reads the number of a room's participants in the whole cluster from the ledger. */
  countOf: (namespace: string, room: string) => Promise<number>;
  /** Sends the count to all members of the room. With `only`, sends it only to these sockets of this gateway. */
  tell: (members: { namespace: string; room: string; only?: ReadonlySet<string> }, participantCount: number) => void;
  onFailed: (error: unknown) => void;
  /** Milliseconds between two announcements of a room's count. Default: COUNT_EVERY_MS. */
  everyMs?: number;
}

interface DueCount {
  isForAll: boolean;
  /** Ids of sockets whose clients have returned to the room. */
  returned: Set<string>;
}

/**
 * Announces the member counts of large rooms. All changes of a room within a second cause one announcement. It reads
 * the count from the ledger directly before it sends it: several gateways announce the same room, and the announcement
 * that arrives last must not have the oldest count. Recovery does not store these announcements, so a client that
 * returns gets the present count in this way too.
 */
export class RoomCounts {
  readonly #options: RoomCountOptions;
  /** Namespace → room → who gets the room's count. */
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

  /** Lets a client that has returned to a room get the room's present count. */
  returned(namespace: string, room: string, socketId: string): void {
    this.#dueOf(namespace, room)?.returned.add(socketId);
  }

  /**
   * Stops all announcements. When a gateway stops, it disconnects its clients, and they leave their rooms. Nobody needs
   * these counts.
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
