import type { Socket } from "socket.io";
import { fanoutOf, offsetTextOf } from "../broadcast/gateway-adapter.ts";

/**
 * Sends one socket an event with one payload, encoded here: it leaves with whatever else is due for the connection, the
 * answer to its CONNECT for example. It ends with what the client then has. Listeners for outgoing packets are not told.
 */
export function directEmit({ nsp, id }: Socket, event: string, payload: object, offset = offsetTextOf(nsp)): void {
  const head = nsp.name === "/" ? "2" : `2${nsp.name},`;
  fanoutOf(nsp).send(id, head + JSON.stringify(offset === undefined ? [event, payload] : [event, payload, offset]));
}
