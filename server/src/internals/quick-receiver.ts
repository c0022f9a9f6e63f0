// Undocumented members of the receiver in ws 8, a Writable stream that gets the bytes of a TCP socket.
import { isUtf8 } from "node:buffer";
import { Writable } from "node:stream";
import type { Receiver } from "./ws.ts";

/** The members that tell whether the receiver is between two frames. */
interface ReceiverInside extends Receiver {
  /** What the receiver expects next. 0: the first byte of a frame. */
  _state: number;
  _bufferedBytes: number;
  /** The opcode of a message whose last fragment has not arrived yet, otherwise 0. */
  _fragmented: number;
  _opcode: number;
  _loop: boolean;
  _errored: boolean;
}

/** First byte of a final, uncompressed text frame. */
const FIN_TEXT = 0x81;
const MASKED = 0x80;
const CLOSE = 8;
/** Longer payloads are left to ws, because its native code unmasks them faster. */
const MOST_BYTES = 1_024;

/**
 * Reads a chunk directly if it is exactly one short text frame, such as the answer to a ping or a client's event. All
 * other chunks are left to ws, which passes each chunk through a stream and several buffers.
 */
export function readWholeFrames(receiver: Receiver): void {
  receiver.write = writeChunk as Receiver["write"];
}

function writeChunk(this: ReceiverInside, chunk: Buffer): boolean {
  const text = isBetweenFrames(this) ? wholeText(chunk, this._maxPayload) : undefined;
  if (text === undefined) return (Writable.prototype.write as (bytes: Buffer) => boolean).call(this, chunk);
  this.emit("message", text, false);
  return true;
}

function isBetweenFrames(receiver: ReceiverInside): boolean {
  const { _state, _bufferedBytes, _fragmented, _opcode, _loop, _errored } = receiver;
  const isIdle = _state === 0 && _bufferedBytes === 0 && _fragmented === 0 && !_loop;
  // After a close frame, ws ignores all bytes, so leave the chunk to ws.
  return isIdle && !_errored && _opcode !== CLOSE && receiver.writableLength === 0 && receiver.writable;
}

/** The unmasked payload of the chunk. Undefined if ws must read the chunk, which then is unchanged. */
function wholeText(chunk: Buffer, maxPayload: number): Buffer | undefined {
  const start = startOfPayload(chunk);
  const bytes = chunk.length - start;
  if (start === 0 || bytes > MOST_BYTES || (maxPayload > 0 && bytes > maxPayload)) return undefined;
  const payload = chunk.subarray(start);
  if (applyMask(chunk, start) < 0x80 || isUtf8(payload)) return payload;
  applyMask(chunk, start);
  return undefined;
}

/**
 * The index at which the payload begins. 0 if the chunk is not exactly one masked text frame with a length field of one
 * or three bytes.
 */
function startOfPayload(chunk: Buffer): number {
  const second = chunk[1]! ^ MASKED;
  if (chunk[0] !== FIN_TEXT || chunk.length < 6) return 0;
  if (second < 126) return chunk.length === 6 + second ? 6 : 0;
  return second === 126 && chunk.length === 8 + chunk.readUInt16BE(2) ? 8 : 0;
}

/**
 * Unmasks the payload in place; the mask is the four bytes in front of it. Returns all bytes of the payload combined by
 * OR.
 */
function applyMask(chunk: Buffer, start: number): number {
  let bits = 0;
  for (let index = start; index < chunk.length; index += 1) {
    const byte = chunk[index]! ^ chunk[start - 4 + ((index - start) & 3)]!;
    chunk[index] = byte;
    bits |= byte;
  }
  return bits;
}
