// Undocumented members of socket.io-adapter 2.5.
import type { Namespace } from "socket.io";
import { Adapter } from "socket.io-adapter";

/** A packet in the form in which socket.io passes it to an adapter. */
export interface Packet {
  type: number;
  data: unknown[];
  nsp?: string;
  id?: number;
}

/** Broadcast options in the form in which the adapter passes them to engine.io. The frame is ws's [header, payload]. */
export interface PacketOptions {
  preEncoded: boolean;
  volatile?: boolean;
  compress?: boolean;
  wsPreEncodedFrame?: Buffer[];
}

/** Sockets and rooms of a namespace. */
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

/** Socket.IO's in-memory adapter, which reads the rooms and sockets of another adapter. */
export function localPeers({ namespace, rooms, sids }: LocalSockets): Adapter {
  return Object.assign(new Adapter(namespace), { rooms, sids });
}
