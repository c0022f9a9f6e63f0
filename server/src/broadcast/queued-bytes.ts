import type { Socket } from "socket.io";
import { engineSocketOf } from "../internals/socket-io.ts";
import { fanoutOf } from "./gateway-adapter.ts";

/**
 * Number of bytes that this process holds for a client: those in engine.io's write buffer, the frames of this turn of
 * the event loop, and the TCP socket's buffer. Text that is not encoded yet counts by its UTF-16 length.
 */
export function queuedBytes(socket: Socket): number {
  const { transport, writeBuffer } = engineSocketOf(socket);
  let bytes = transport.socket?._socket?.writableLength ?? 0;
  for (const packet of writeBuffer) bytes += sizeOf(packet.data);
  return bytes + fanoutOf(socket.nsp).pendingBytes(socket.id);
}

/**
 * Whether the fan-out calls `onQueue` when bytes are queued for this socket. If it does not, only `queuedBytes` shows
 * the queue.
 */
export function reportsQueue(socket: Socket): boolean {
  return fanoutOf(socket.nsp).reportsQueue(socket.id);
}

function sizeOf(data: unknown): number {
  if (typeof data === "string") return data.length;
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? data.byteLength : 0;
}
