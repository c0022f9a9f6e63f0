import type { Socket } from "socket.io";
import { fanoutOf } from "../broadcast/gateway-adapter.ts";

/**
 * Sends one socket an event with one payload, encoded here: it leaves with whatever else is due for the connection, the
 * answer to its CONNECT for example. Listeners for outgoing packets are not told.
 */
export function directEmit({ nsp, id }: Socket, event: string, payload: object): void {
  const head = nsp.name === "/" ? "2" : `2${nsp.name},`;
  fanoutOf(nsp).send(id, head + JSON.stringify([event, payload]));
}
