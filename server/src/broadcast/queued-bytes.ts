import type { Socket } from "socket.io";
import { engineSocketOf } from "../internals/socket-io.ts";
import { fanoutOf } from "./gateway-adapter.ts";

/**
 * Bytes this process holds for a client that has not taken them: engine.io's write buffer, this turn's frames and what the
 * TCP socket could not pass to the kernel. UTF-16 length stands for the length of text not yet encoded.
 */
export function queuedBytes(socket: Socket): number {
  const { transport, writeBuffer } = engineSocketOf(socket);
  let bytes = transport.socket?._socket?.writableLength ?? 0;
  for (const packet of writeBuffer) bytes += sizeOf(packet.data);
  return bytes + fanoutOf(socket.nsp).pendingBytes(socket.id);
}

function sizeOf(data: unknown): number {
  if (typeof data === "string") return data.length;
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? data.byteLength : 0;
}
