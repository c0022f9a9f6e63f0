import type { Socket } from "socket.io";
import { replaceOnEvent } from "../internals/socket-io.ts";
import { fanoutOf } from "../broadcast/gateway-adapter.ts";

export type Ack = (answer: unknown) => void;

/**
 * Passes a client's events to one receiver and encodes acks here. Skipping the socket's listeners and middlewares saves
 * most of an event's cost in Socket.IO. Answers must be JSON: a Buffer would need attachments.
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
