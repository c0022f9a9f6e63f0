// Undocumented members of socket.io-adapter 2.5.
import type { Namespace } from "socket.io";
import { Adapter } from "socket.io-adapter";

/** A packet as Socket.IO passes it to an adapter. */
export interface Packet {
  type: number;
  data: unknown[];
  nsp?: string;
  id?: number;
}

/**
 * The options of a broadcast as the adapter passes them to engine.io. `wsPreEncodedFrame` is a frame as ws writes it:
 * [header, payload].
 */
export interface PacketOptions {
  preEncoded: boolean;
  volatile?: boolean;
  compress?: boolean;
  wsPreEncodedFrame?: Buffer[];
}

/** A namespace, with its rooms and sockets on this server. */
export interface LocalSockets extends Pick<Adapter, "rooms" | "sids"> {
  readonly namespace: Namespace;
}

/** Requests about the sockets of all servers. */
export type Peers = Pick<
  Adapter,
  | "serverCount"
  | "broadcastWithAck"
  | "fetchSockets"
  | "addSockets"
  | "delSockets"
  | "disconnectSockets"
  | "serverSideEmit"
>;

/** Socket.IO's in-memory adapter. It reads the rooms and sockets of another adapter. */
export function localPeers({ namespace, rooms, sids }: LocalSockets): Adapter {
  return Object.assign(new Adapter(namespace), { rooms, sids });
}
