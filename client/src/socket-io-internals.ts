import type { Manager, Socket } from "socket.io-client";

/**
 * The undocumented parts of socket.io-client that this package uses. Versions 4.6 to 4.8 have all of them, except where
 * it says so. Other files must not use undocumented parts.
 */
export interface InnerSocket {
  /** The private id of the session. Undefined if the gateway has no recovery. */
  _pid?: string | undefined;
  /** The offset of the last event. */
  _lastOffset?: string | undefined;
  readonly sendBuffer: object[];
  /** Passes an event of the gateway to the listeners. */
  onevent?(packet: EventPacket): void;
  /** Called when the gateway has disconnected this socket, which then does not reconnect. */
  ondisconnect?(): void;
  /** Sends a packet to the gateway. */
  packet?(packet: { type: number }): void;
  /** Fails the acks that have not come, except those of packets in sendBuffer. Versions before 4.8 do not have it. */
  _clearAcks?(): void;
}

/** An event of the gateway: its name, its arguments and, on gateways with recovery, its offset. */
export interface EventPacket {
  data: readonly unknown[];
}

export interface InnerManager {
  readonly uri: string;
  readonly nsps: Record<string, Socket>;
  /** Functions that remove the manager's listeners from its connection. */
  readonly subs: (() => void)[];
  /** Calls the functions in `subs`. */
  cleanup(): void;
  /** Call when the connection has ended. The manager then reconnects. */
  onclose(reason: string, description?: unknown): void;
  emit(event: "packet" | "ping", packet?: object): void;
}

export function innerSocket(socket: Socket): InnerSocket {
  return socket as unknown as InnerSocket;
}

export function innerManager(manager: Manager): InnerManager {
  return manager as unknown as InnerManager;
}
