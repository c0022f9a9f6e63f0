/** Missed messages that this process may hold for returning clients that have not read them yet. */
const MOST_BYTES = 32 * 1024 * 1024;
/** A client that holds up others for longer is cut. It keeps what it has read, and continues from there. */
const READ_WITHIN_MS = 5_000;

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

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  sent(reader: Reader, bytes: number): void {
    if (bytes === 0) return;
    this.#bytes += bytes;
    this.#readers.set(reader, this.#nowMs());
  }

  /** Nobody else may be sent anything now. */
  areTooMany(): boolean {
    if (this.#bytes <= MOST_BYTES) return false;
    this.#bytes = 0;
    for (const reader of this.#readers.keys()) this.#count(reader);
    if (this.#bytes <= MOST_BYTES) return false;
    for (const [reader, sinceMs] of this.#readers) if (this.#nowMs() - sinceMs > READ_WITHIN_MS) reader.cut();
    return true;
  }

  #count(reader: Reader): void {
    const bytes = reader.queuedBytes();
    this.#bytes += bytes;
    if (bytes === 0) this.#readers.delete(reader);
  }
}
