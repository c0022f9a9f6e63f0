/**
 * Maximum number of bytes of missed messages that this process holds for returning clients that have not read them yet.
 */
const MOST_BYTES = 32 * 1024 * 1024;
/**
 * When other clients have to wait, a client that needs longer than this to read its missed messages is disconnected. It
 * keeps what it has read, and gets the rest after its next connect.
 */
const READ_WITHIN_MS = 5_000;
/** Up to this number of clients, the ones that have read everything are not removed from the map. */
const FEWEST_REMEMBERED = 1_000;

/** A returning client to which this gateway has sent the messages that it missed. */
export interface Reader {
  queuedBytes(): number;
  cut(): void;
}

/** Limits the memory for missed messages when many returning clients read them slowly. */
export class UnreadReplays {
  readonly #nowMs: () => number;
  readonly #readers = new Map<Reader, number>();
  /** Unread bytes; the real number can be lower. When this number reaches the limit, the bytes are counted again. */
  #bytes = 0;
  #forgetAbove = FEWEST_REMEMBERED;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  sent(reader: Reader, bytes: number): void {
    if (bytes === 0) return;
    this.#bytes += bytes;
    this.#readers.set(reader, this.#nowMs());
    if (this.#readers.size > this.#forgetAbove) this.#recount();
  }

  /** Number of clients that possibly have unread bytes. */
  get remembered(): number {
    return this.#readers.size;
  }

  /** Whether a returning client must wait for its missed messages, because too many bytes are unread. */
  areTooMany(): boolean {
    if (this.#bytes <= MOST_BYTES) return false;
    this.#recount();
    if (this.#bytes <= MOST_BYTES) return false;
    for (const [reader, sinceMs] of this.#readers) if (this.#nowMs() - sinceMs > READ_WITHIN_MS) reader.cut();
    return true;
  }

  #recount(): void {
    this.#bytes = 0;
    for (const reader of this.#readers.keys()) this.#count(reader);
    // Count again only when there are twice as many readers. Otherwise many slow readers would all be counted again for
    // each new one.
    this.#forgetAbove = Math.max(FEWEST_REMEMBERED, 2 * this.#readers.size);
  }

  #count(reader: Reader): void {
    const bytes = reader.queuedBytes();
    this.#bytes += bytes;
    if (bytes === 0) this.#readers.delete(reader);
  }
}
