/**
 * Builds a server's WebSocket text frame: unmasked, final, one fragment (RFC 6455 §5.2). Header and payload are in one
 * buffer. So a write has one buffer instead of two, and frames can be joined by copying.
 */
export function textFrame(text: string): Buffer {
  const payloadBytes = Buffer.byteLength(text);
  const frame = emptyFrame(payloadBytes);
  frame.write(text, frame.length - payloadBytes);
  return frame;
}

/** The text frame of an Engine.IO message (type "4"). The payload must be UTF-8; it is copied. */
export function messageFrame(payload: Buffer): Buffer {
  const frame = emptyFrame(1 + payload.length);
  const at = frame.length - payload.length;
  frame[at - 1] = MESSAGE;
  payload.copy(frame, at);
  return frame;
}

/** Joins the buffers that ws writes for one frame, [header, payload] or [header], into one buffer. */
export function joinedFrame(list: readonly (Buffer | string)[]): Buffer {
  const [header, payload] = list as readonly [Buffer, (Buffer | string)?];
  if (payload === undefined) return header;
  const frame = Buffer.allocUnsafe(header.length + payloadLength(header));
  header.copy(frame);
  if (typeof payload === "string") frame.write(payload, header.length);
  else payload.copy(frame, header.length);
  return frame;
}

export const NOTHING = Buffer.alloc(0);

/**
 * First byte of a final, uncompressed text frame. Binary, control, fragmented and compressed frames begin with other
 * bytes.
 */
export const FIN_TEXT = 0x81;

/** The character "4", the type of an Engine.IO message. */
const MESSAGE = 0x34;

/** A frame with its header and with space for the payload. */
function emptyFrame(payloadBytes: number): Buffer {
  const headerBytes = payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerBytes + payloadBytes);
  frame[0] = FIN_TEXT;
  if (headerBytes === 2) {
    frame[1] = payloadBytes;
  } else if (headerBytes === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(payloadBytes, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt16BE(0, 2);
    frame.writeUIntBE(payloadBytes, 4, 6);
  }
  return frame;
}

function payloadLength(header: Buffer): number {
  const short = header[1]!;
  if (short < 126) return short;
  return short === 126 ? header.readUInt16BE(2) : header.readUIntBE(4, 6);
}
