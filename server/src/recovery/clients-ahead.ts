import type { Delivered } from "./delivered.ts";
import type { Entry } from "./message-ring.ts";
import { parseOffset, type Offset } from "./offset.ts";

/** Maximum length of a kept offset. Longer ones would need much memory for every such client. */
const MOST_CHARACTERS = 256;
const MOST_CLIENTS = 100_000;

/**
 * Clients that started a new session here although their offset is ahead of this gateway. Messages that the offset
 * covers arrive here later, and must not reach these clients a second time.
 */
export class ClientsAhead {
  readonly #delivered: Delivered;
  readonly #offsets = new Map<string, Offset>();

  constructor(delivered: Delivered) {
    this.#delivered = delivered;
  }

  /**
   * The offset in the form in which a session keeps it. Undefined when this gateway has delivered everything that it
   * covers.
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

  /** The clients that already have the message. */
  *having(entry: Entry): Generator<string> {
    for (const [socketId, offset] of this.#offsets) if (this.#delivered.covers(offset, entry)) yield socketId;
  }

  /** Removes clients whose offset this gateway has reached. */
  sweep(): void {
    for (const [socketId, offset] of this.#offsets)
      if (this.#delivered.reaches(offset) === "reached") this.#offsets.delete(socketId);
  }
}
