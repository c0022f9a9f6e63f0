import type { Socket } from "socket.io";
import { fanoutOf, offsetTextOf } from "../broadcast/gateway-adapter.ts";

/**
 * Sends an event to one socket. The event is encoded here, and is sent in one write with other packets for the
 * connection, such as the answer to CONNECT. The offset comes last. Listeners to outgoing packets are not called.
 */
export function directEmit({ nsp, id }: Socket, event: string, payload: object, offset = offsetTextOf(nsp)): void {
  const head = nsp.name === "/" ? "2" : `2${nsp.name},`;
  fanoutOf(nsp).send(id, head + JSON.stringify(offset === undefined ? [event, payload] : [event, payload, offset]));
}
