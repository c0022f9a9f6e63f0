import type { Socket } from "socket.io";
import type { Fanout } from "./with-fanout.ts";
import { connectionOf } from "../../internals/undocumented.ts";

/**
 * Bytes this process holds for a client that has not taken them: engine.io's write buffer, this turn's batch and what the
 * network socket could not pass to the kernel. UTF-16 length stands for the length of text not yet encoded.
 */
export function queuedBytes(socket: Socket): number {
  const { transport, writeBuffer } = connectionOf(socket);
  let bytes = transport.socket?._socket?.writableLength ?? 0;
  for (const packet of writeBuffer) bytes += sizeOf(packet.data);
  const adapter = socket.nsp.adapter as unknown as Partial<Fanout>;
  return bytes + (adapter.pendingBytes?.(socket.id) ?? 0);
}

function sizeOf(data: unknown): number {
  if (typeof data === "string") return data.length;
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? data.byteLength : 0;
}
