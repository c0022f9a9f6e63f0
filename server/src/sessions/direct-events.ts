import type { Socket } from "socket.io";
import { replaceOnEvent } from "../internals/socket-io.ts";
import { fanoutOf } from "../broadcast/gateway-adapter.ts";

export type Ack = (answer: unknown) => void;

/**
 * Hands a client's events to one receiver: name, arguments, and an ack last where the client wants one. Acks are
 * encoded here and leave with whatever else is due for the connection. Listeners and middlewares of the socket are not
 * called, which is most of what an event costs in Socket.IO. Answers must be JSON: an ack with a Buffer in it would
 * need attachments.
 */
export function directEvents(socket: Socket, receive: (args: unknown[]) => void): void {
  const { nsp, id: socketId } = socket;
  const fanout = fanoutOf(nsp);
  const head = nsp.name === "/" ? "3" : `3${nsp.name},`;
  replaceOnEvent(socket, ({ data, id }) => {
    if (id === undefined) return receive(data);
    const ack: Ack = (answer) => fanout.send(socketId, `${head}${id}${JSON.stringify([answer])}`);
    data.push(ack);
    receive(data);
  });
}
