import type { Socket } from "socket.io";
import { fanoutOf, offsetTextOf } from "../broadcast/gateway-adapter.ts";

/**
 * Sends an event to one socket without Socket.IO's encoder. Other packets for the connection, such as the answer to
 * CONNECT, leave in the same write. With recovery, the offset is the last argument. Listeners to outgoing packets are
 * not called.
 */
export function directEmit({ nsp, id }: Socket, event: string, payload: object, offset = offsetTextOf(nsp)): void {
  const head = nsp.name === "/" ? "2" : `2${nsp.name},`;
  fanoutOf(nsp).send(id, head + JSON.stringify(offset === undefined ? [event, payload] : [event, payload, offset]));
}
