const TEXT = 1;
const BINARY = 2;
const FINAL_BIT = 0x80;
const MASK_BIT = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
/** Larger messages are not decoded. A gateway ends connections that send larger ones, so this is seldom reached. */
const MAX_BYTES = 4_194_304;

interface Frame {
  isFinal: boolean;
  opcode: number;
  payload: Buffer;
  /** Length of the frame with its header. */
  length: number;
}

/**
 * Reads the messages of one direction of a WebSocket from the bytes that pass through the proxy. It never changes these
 * bytes. It does not know compressed messages, which the gateways do not send.
 */
export class FrameReader {
  readonly #onMessage: (data: string | Buffer) => void;
  #bytes: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #opcode = 0;
  #isTooLarge = false;

  constructor(onMessage: (data: string | Buffer) => void) {
    this.#onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    if (this.#isTooLarge) return;
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    for (let frame = frameIn(this.#bytes); frame !== undefined; frame = frameIn(this.#bytes)) {
      this.#bytes = this.#bytes.subarray(frame.length);
      this.#take(frame);
    }
    const waiting = this.#parts.reduce((sum, part) => sum + part.length, this.#bytes.length);
    if (waiting <= MAX_BYTES) return;
    this.#isTooLarge = true;
    this.#bytes = Buffer.alloc(0);
    this.#parts = [];
  }

  #take({ isFinal, opcode, payload }: Frame): void {
    // Opcodes above BINARY are pings, pongs and closes. They may come between two parts of one message.
    if (opcode > BINARY) return;
    if (opcode !== 0) this.#opcode = opcode;
    this.#parts.push(payload);
    if (!isFinal) return;
    const message = Buffer.concat(this.#parts.splice(0));
    this.#onMessage(this.#opcode === TEXT ? message.toString() : message);
  }
}

/** The first frame, if all of its bytes are there. */
function frameIn(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const isMasked = (bytes[1]! & MASK_BIT) !== 0;
  const short = bytes[1]! & (MASK_BIT - 1);
  const start = { [LENGTH_16]: 4, [LENGTH_64]: 10 }[short] ?? 2;
  if (bytes.length < start) return undefined;
  const length = lengthIn(bytes, short);
  const begin = start + (isMasked ? 4 : 0);
  if (bytes.length < begin + length) return undefined;
  // Copy the payload: removing the mask would change the bytes that the proxy passes on.
  const payload = Buffer.from(bytes.subarray(begin, begin + length));
  if (isMasked) for (let at = 0; at < length; at += 1) payload[at]! ^= bytes[start + (at % 4)]!;
  return { isFinal: (bytes[0]! & FINAL_BIT) !== 0, opcode: bytes[0]! & 0x0f, payload, length: begin + length };
}

function lengthIn(bytes: Buffer, short: number): number {
  if (short === LENGTH_16) return bytes.readUInt16BE(2);
  return short === LENGTH_64 ? Number(bytes.readBigUInt64BE(2)) : short;
}
