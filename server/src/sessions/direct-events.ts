import type { Socket } from "socket.io";
import { replaceOnEvent } from "../internals/socket-io.ts";
import { JsonText } from "../protocol/json-text.ts";
import { fanoutOf } from "../broadcast/gateway-adapter.ts";

export type Ack = (answer: unknown) => void;

/**
 * Passes all events of a client to `receive`, and encodes the answers to them. It does not use the socket's listeners
 * and middlewares, which are most of the cost of an event in Socket.IO. Answers must be JSON, because a Buffer would
 * have to be an attachment.
 */
export function directEvents(socket: Socket, receive: (args: unknown[]) => void): void {
  const { nsp, id: socketId } = socket;
  const fanout = fanoutOf(nsp);
  const head = nsp.name === "/" ? "3" : `3${nsp.name},`;
  replaceOnEvent(socket, ({ data, id }) => {
    if (id === undefined) return receive(data);
    const ack: Ack = (answer) => {
      const text = answer instanceof JsonText ? `[${answer.text}]` : JSON.stringify([answer]);
      fanout.send(socketId, `${head}${id}${text}`);
    };
    data.push(ack);
    receive(data);
  });
}
