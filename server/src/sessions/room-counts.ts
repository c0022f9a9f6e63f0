import { COUNT_EVERY_MS } from "../protocol/presence.ts";

export interface RoomCountOptions {
  /** Number of participants in the whole cluster, from the ledger. */
  countOf: (namespace: string, room: string) => Promise<number>;
  tell: (namespace: string, room: string, participantCount: number) => void;
  onFailed: (error: unknown) => void;
  /** Milliseconds between two announcements. Default COUNT_EVERY_MS. */
  everyMs?: number;
}

/**
 * Announces the member count of large rooms that changed here, once for all changes of a second. It reads the ledger
 * just before: several gateways announce, and the last one must not send the oldest count.
 */
export class RoomCounts {
  readonly #options: RoomCountOptions;
  /** Namespace → rooms whose count changed. */
  #changed = new Map<string, Set<string>>();
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RoomCountOptions) {
    this.#options = options;
  }

  changed(namespace: string, room: string): void {
    if (this.#isStopped) return;
    const rooms = this.#changed.get(namespace) ?? new Set();
    this.#changed.set(namespace, rooms.add(room));
    this.#timer ??= setTimeout(() => void this.#tell(), this.#options.everyMs ?? COUNT_EVERY_MS).unref();
  }

  /** Stops permanently: clients also leave their rooms when a closing gateway disconnects them. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #tell(): Promise<void> {
    const changed = this.#changed;
    this.#changed = new Map();
    this.#timer = undefined;
    const { countOf, tell, onFailed } = this.#options;
    for (const [namespace, rooms] of changed) {
      for (const room of rooms) {
        try {
          const participantCount = await countOf(namespace, room);
          if (participantCount > 0) tell(namespace, room, participantCount);
        } catch (error) {
          onFailed(error);
        }
      }
    }
  }
}
