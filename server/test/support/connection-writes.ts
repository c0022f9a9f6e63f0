import { engineSocketOf } from "../../src/internals/socket-io.ts";
import type { Connected } from "./rig.ts";

export const tcpSocketOf = ({ serverSocket }: Connected) => engineSocketOf(serverSocket).transport.socket!._socket!;

/** Records what the server writes to the TCP socket of this connection. Each write is one entry. */
export function writesTo(connected: Connected): Buffer[] {
  const writes: Buffer[] = [];
  const socket = tcpSocketOf(connected);
  const write = socket.write.bind(socket) as (bytes: Buffer, written?: () => void) => boolean;
  socket.write = ((bytes: Buffer, written?: () => void) => {
    writes.push(bytes);
    return write(bytes, written);
  }) as typeof socket.write;
  return writes;
}

/** Waits for the event named `last`. Returns all events of the client until then, each as [name, ...arguments]. */
export async function receive({ client }: Connected, last: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  await new Promise<void>((resolve) => {
    client.onAny((event: string, ...args: unknown[]) => {
      seen.push([event, ...args]);
      if (event === last) resolve();
    });
  });
  return seen;
}
