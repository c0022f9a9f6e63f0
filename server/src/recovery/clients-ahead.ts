import type { Delivered } from "./delivered.ts";
import type { Entry } from "./message-ring.ts";
import { parseOffset, type Offset } from "./offset.ts";

/** An offset of many origins is not kept: it would cost every such client memory. */
const MOST_CHARACTERS = 256;
const MOST_CLIENTS = 100_000;

/**
 * Clients that began again here with an offset that this gateway has not reached. What the offset covers arrives here
 * late, and must not reach them a second time.
 */
export class ClientsAhead {
  readonly #delivered: Delivered;
  readonly #offsets = new Map<string, Offset>();

  constructor(delivered: Delivered) {
    this.#delivered = delivered;
  }

  /** The offset as a session keeps it; undefined when this gateway has delivered all that it covers. */
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

  /** Those who have the message. */
  *having(entry: Entry): Generator<string> {
    for (const [socketId, offset] of this.#offsets) if (this.#delivered.covers(offset, entry)) yield socketId;
  }

  /** Forgets those whose offset has been reached. */
  sweep(): void {
    for (const [socketId, offset] of this.#offsets)
      if (this.#delivered.reaches(offset) === "reached") this.#offsets.delete(socketId);
  }
}
