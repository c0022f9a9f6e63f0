import type { Namespace } from "socket.io";

/** Messages between the gateways of a cluster. */
export interface GatewayMessages {
  /** To all other gateways. */
  send(message: string, ...args: unknown[]): void;
  /** From other gateways; arguments are as foreign as everything on the bus. */
  on(message: string, listener: (...args: unknown[]) => void): void;
}

/** Over a namespace's adapter; `isAlone`: there are no others, and Socket.IO's in-memory adapter warns when it is asked. */
export function gatewayMessages(namespace: Namespace, isAlone: boolean): GatewayMessages {
  return {
    send(message, ...args) {
      if (!isAlone) namespace.serverSideEmit(message, ...args);
    },
    on: (message, listener) => void namespace.on(message as never, listener as never),
  };
}
