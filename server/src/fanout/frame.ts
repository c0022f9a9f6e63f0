/**
 * A WebSocket text frame as a server sends it: unmasked, final, in one piece (RFC 6455 §5.2). Header and payload share one
 * buffer, so that a write costs one vector entry and frames can be joined by copying.
 */
export function textFrame(text: string): Buffer {
  const payloadBytes = Buffer.byteLength(text);
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
  frame.write(text, headerBytes);
  return frame;
}

/** What ws hands to its socket for one frame, [header, payload] or [header], as one buffer. */
export function joinedFrame(list: readonly (Buffer | string)[]): Buffer {
  const [header, payload] = list as readonly [Buffer, (Buffer | string)?];
  if (payload === undefined) return header;
  const frame = Buffer.allocUnsafe(header.length + payloadLength(header));
  header.copy(frame);
  if (typeof payload === "string") frame.write(payload, header.length);
  else payload.copy(frame, header.length);
  return frame;
}

/** First byte of a final text frame; every other first byte is binary, control, fragmented or compressed. */
export const FIN_TEXT = 0x81;

function payloadLength(header: Buffer): number {
  const short = header[1]!;
  if (short < 126) return short;
  return short === 126 ? header.readUInt16BE(2) : header.readUIntBE(4, 6);
}
