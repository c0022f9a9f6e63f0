import type { Socket } from "socket.io";
import { engineSocketOf } from "../internals/socket-io.ts";
import { fanoutOf } from "./gateway-adapter.ts";

/**
 * Bytes that this process holds for a client: engine.io's write buffer, this turn's frames, and the TCP socket's
 * buffer.
 * Text that is not encoded yet counts by its UTF-16 length.
 */
export function queuedBytes(socket: Socket): number {
  const { transport, writeBuffer } = engineSocketOf(socket);
  let bytes = transport.socket?._socket?.writableLength ?? 0;
  for (const packet of writeBuffer) bytes += sizeOf(packet.data);
  return bytes + fanoutOf(socket.nsp).pendingBytes(socket.id);
}

/** Whether the fan-out reports when bytes are queued for this socket. If not, only `queuedBytes` shows them. */
export function reportsQueue(socket: Socket): boolean {
  return fanoutOf(socket.nsp).reportsQueue(socket.id);
}

function sizeOf(data: unknown): number {
  if (typeof data === "string") return data.length;
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? data.byteLength : 0;
}
