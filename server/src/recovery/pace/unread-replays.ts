/**
 * Maximum number of bytes of missed messages that this process holds for returning clients that have not read them yet.
 */
const MOST_BYTES = 32 * 1024 * 1024;
/**
 * While other clients wait, a client that takes longer than this to read is disconnected. It keeps what it has read,
 * and continues from there after its next connect.
 */
const READ_WITHIN_MS = 5_000;
/** With at most this many readers, those that have read everything are not searched for and forgotten. */
const FEWEST_REMEMBERED = 1_000;

/** A returning client to which this gateway sent the messages that it missed. */
export interface Reader {
  queuedBytes(): number;
  cut(): void;
}

/** Bounds the memory of a crowd of returning clients that read slowly. */
export class UnreadReplays {
  readonly #nowMs: () => number;
  readonly #readers = new Map<Reader, number>();
  /** An upper bound of the unread bytes. They are counted again when the bound is too high. */
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

  /** Whether no further client may get a replay now. */
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
    // Double the number, so that many slow readers are not all counted again for each new reader.
    this.#forgetAbove = Math.max(FEWEST_REMEMBERED, 2 * this.#readers.size);
  }

  #count(reader: Reader): void {
    const bytes = reader.queuedBytes();
    this.#bytes += bytes;
    if (bytes === 0) this.#readers.delete(reader);
  }
}
