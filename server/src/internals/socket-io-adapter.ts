// Undocumented members of socket.io-adapter 2.5.
import type { Namespace } from "socket.io";
import { Adapter } from "socket.io-adapter";

/** A packet as socket.io's operators hand it to an adapter. */
export interface Packet {
  type: number;
  data: unknown[];
  nsp?: string;
  id?: number;
}

/** Options of a broadcast as the adapter passes them to engine.io; the frame is ws's [header, payload]. */
export interface PacketOptions {
  preEncoded: boolean;
  volatile?: boolean;
  compress?: boolean;
  wsPreEncodedFrame?: Buffer[];
}

/** A namespace's own sockets and rooms. */
export interface LocalSockets extends Pick<Adapter, "rooms" | "sids"> {
  readonly namespace: Namespace;
}

/** Requests that concern the sockets of all servers. */
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

/** The in-memory adapter over the rooms and sockets of another adapter: it reads no others. */
export function localPeers({ namespace, rooms, sids }: LocalSockets): Adapter {
  return Object.assign(new Adapter(namespace), { rooms, sids });
}
