import type { Socket } from "socket.io-client";

export type Answer = Record<string, unknown>;

/**
 * Sends an event, and resolves to the gateway's answer. Resolves to undefined if there is no connection, if it ends, or
 * if no answer comes in time.
 */
export async function ask(
  socket: Socket,
  timeoutMs: number,
  event: string,
  payload: object,
): Promise<Answer | undefined> {
  if (!socket.connected) return undefined;
  try {
    return (await socket.timeout(timeoutMs).emitWithAck(event, payload)) as Answer;
  } catch {
    return undefined;
  }
}
