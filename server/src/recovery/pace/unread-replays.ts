/** Missed messages that this process may hold for returning clients that have not read them yet. */
const MOST_BYTES = 32 * 1024 * 1024;
/** A client that holds up others for longer is cut. It keeps what it has read, and continues from there. */
const READ_WITHIN_MS = 5_000;
/** Readers that are remembered at least before those that have read everything are forgotten. */
const FEWEST_REMEMBERED = 1_000;

/** A returning client that was sent what it missed. */
export interface Reader {
  queuedBytes(): number;
  cut(): void;
}

/** Bounds the memory of a crowd of returning clients that read slowly. */
export class UnreadReplays {
  readonly #nowMs: () => number;
  readonly #readers = new Map<Reader, number>();
  /** At most this much is unread; counted again when it is too much. */
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

  /** Readers that may have unread bytes. */
  get remembered(): number {
    return this.#readers.size;
  }

  /** Nobody else may be sent anything now. */
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
    // Doubled, so that many slow readers are not all counted again for each new one.
    this.#forgetAbove = Math.max(FEWEST_REMEMBERED, 2 * this.#readers.size);
  }

  #count(reader: Reader): void {
    const bytes = reader.queuedBytes();
    this.#bytes += bytes;
    if (bytes === 0) this.#readers.delete(reader);
  }
}
