import { COUNT_EVERY_MS } from "../protocol/presence.ts";

export interface RoomCountOptions {
  /** Participants over the whole cluster, by the ledger. */
  countOf: (namespace: string, room: string) => Promise<number>;
  tell: (namespace: string, room: string, participantCount: number) => void;
  onFailed: (error: unknown) => void;
  /** Between two tellings. Default COUNT_EVERY_MS. */
  everyMs?: number;
}

/**
 * Large rooms that a client entered or left here: their members receive the new count, once a second at most.
 * The ledger is read just before: several gateways announce the count, and the last one must not have the oldest.
 */
export class RoomCounts {
  readonly #options: RoomCountOptions;
  /** Namespace → rooms. */
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

  /** Permanently: clients that are cut when a gateway closes leave their rooms, too. */
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
