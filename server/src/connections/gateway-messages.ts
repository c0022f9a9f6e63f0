import type { Namespace } from "socket.io";

/** Messages between the gateways of a cluster. */
export interface GatewayMessages {
  /** Sends a message to all other gateways. */
  send(message: string, ...args: unknown[]): void;
  /** Calls the listener for messages of other gateways. The arguments are untrusted, like all data from the bus. */
  on(message: string, listener: (...args: unknown[]) => void): void;
}

/**
 * Sends through a namespace's adapter. `isAlone`: there are no other gateways, so nothing is sent. Socket.IO's
 * in-memory adapter would log a warning for each message.
 */
export function gatewayMessages(namespace: Namespace, isAlone: boolean): GatewayMessages {
  return {
    send(message, ...args) {
      if (!isAlone) namespace.serverSideEmit(message, ...args);
    },
    on: (message, listener) => void namespace.on(message as never, listener as never),
  };
}
