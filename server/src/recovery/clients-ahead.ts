import type { Delivered } from "./delivered.ts";
import type { Entry } from "./message-ring.ts";
import { parseOffset, type Offset } from "./offset.ts";

/**
 * Maximum length of an offset that is kept. A longer offset is ignored, because each such client would need much
 * memory.
 */
const MOST_CHARACTERS = 256;
const MOST_CLIENTS = 100_000;

/**
 * Clients that started a new session here, but whose offset is ahead of this gateway: they have messages that have not
 * arrived here yet. When these messages arrive, the clients must not get them a second time.
 */
export class ClientsAhead {
  readonly #delivered: Delivered;
  readonly #offsets = new Map<string, Offset>();

  constructor(delivered: Delivered) {
    this.#delivered = delivered;
  }

  /**
   * The offset as text, to be stored in a session. Undefined if this gateway has already delivered all messages that
   * the offset covers.
   */
  unreached(offset: unknown): string | undefined {
    const parsed = parseOffset(offset);
    if (parsed === undefined || (offset as string).length > MOST_CHARACTERS) return undefined;
    return this.#delivered.reaches(parsed) === "reached" ? undefined : (offset as string);
  }

  add(socketId: string, offset: string): void {
    const parsed = parseOffset(offset);
    if (parsed !== undefined && this.#offsets.size < MOST_CLIENTS) this.#offsets.set(socketId, parsed);
  }

  remove(socketId: string): void {
    this.#offsets.delete(socketId);
  }

  /** The socket ids of the clients that already have the message. */
  *having(entry: Entry): Generator<string> {
    for (const [socketId, offset] of this.#offsets) if (this.#delivered.covers(offset, entry)) yield socketId;
  }

  /** Removes the clients whose offset is no longer ahead of this gateway. */
  sweep(): void {
    for (const [socketId, offset] of this.#offsets)
      if (this.#delivered.reaches(offset) === "reached") this.#offsets.delete(socketId);
  }
}
