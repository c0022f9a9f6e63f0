import type { Namespace } from "socket.io";

/** Messages between the gateways of a cluster. */
export interface GatewayMessages {
  /** To all other gateways. */
  send(message: string, ...args: unknown[]): void;
  /** From other gateways; arguments are as foreign as everything on the bus. */
  on(message: string, listener: (...args: unknown[]) => void): void;
}

/** Uses a namespace's adapter. `isAlone`: no other gateways exist; Socket.IO's in-memory adapter would warn. */
export function gatewayMessages(namespace: Namespace, isAlone: boolean): GatewayMessages {
  return {
    send(message, ...args) {
      if (!isAlone) namespace.serverSideEmit(message, ...args);
    },
    on: (message, listener) => void namespace.on(message as never, listener as never),
  };
}
