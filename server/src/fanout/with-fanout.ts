import type { Adapter, BroadcastOptions } from "socket.io-adapter";
import type { Socket } from "socket.io";
import { textFrame } from "./frame.ts";
import { Lane } from "./lane.ts";
import { LONG_FRAME_BYTES, Outlet } from "./outlet.ts";
import { Turn } from "./turn.ts";
import { connectionOf, unsupported } from "./undocumented.ts";
import type { AdapterInside, EngineConnection, MemberCallback, Packet, PacketOptions } from "./undocumented.ts";

// A mixin's constructor must take any arguments (TypeScript's rule for classes that extend a type parameter).
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AdapterConstructor = new (...args: any[]) => Adapter;

/** What an adapter made by `withFanout` offers beside Socket.IO's own interface. */
export interface Fanout {
  /** Bytes of this turn that have not been given to the socket's connection yet. */
  pendingBytes(socketId: string): number;
  /**
   * Delivers a packet that is encoded already (Socket.IO's packet text without attachments, as another node encoded it) to this
   * node's members, without decoding it. Sockets with listeners on outgoing packets are not told.
   */
  deliverEncoded(encoded: string, options: BroadcastOptions): void;
}

interface Member {
  socket: Socket;
  /** Undefined until the connection is one the fast path knows; looked at again with each message. */
  outlet: Outlet | undefined;
}

export interface FanoutOptions {
  /** From this many members on a room's messages of one turn are kept once for all. Default 8: below, that costs more than it saves. */
  laneMembers?: number;
}

interface Encoded {
  packet: Packet | undefined;
  frame: Buffer;
  isVolatile: boolean;
}

/**
 * An adapter whose broadcasts cost one encoding per message and one write per connection and turn of the event loop. What
 * clients receive, and in which order, is what Base would have sent. Everything it does not recognise (polling, compression,
 * binary attachments, broadcasts that ask for acks, connections with packets queued) takes Base's way, socket by socket.
 */
export function withFanout<B extends AdapterConstructor>(
  Base: B,
  { laneMembers = 8 }: FanoutOptions = {},
): B & (new (...args: ConstructorParameters<B>) => Fanout) {
  const Inside = Base as unknown as new (...args: unknown[]) => AdapterInside;
  // Namespaces share connections: the order within a connection needs one outlet for all of them.
  const turn = new Turn();
  const outlets = new WeakMap<EngineConnection, Outlet>();

  class FanoutAdapter extends Inside implements Fanout {
    readonly #members = new Map<string, Member>();
    /** Rooms that were sent to in this turn. */
    readonly #lanes = new Map<string, Lane<Member>>();
    #encoded: Encoded | undefined;

    override _encode(packet: Packet, options: PacketOptions): unknown[] {
      const encoded = super._encode(packet, options);
      const [text] = encoded;
      if (encoded.length === 1 && typeof text === "string" && packet.id === undefined) {
        this.#encoded = { packet, frame: textFrame("4" + text), isVolatile: options.volatile === true };
      }
      return encoded;
    }

    override apply(options: BroadcastOptions, ordinary: MemberCallback): void {
      const encoded = this.#encoded;
      if (encoded === undefined) return super.apply(options, ordinary);
      this.#encoded = undefined;
      this.#deliver(encoded, options, ordinary);
    }

    override addAll(id: string, rooms: Set<string>): void {
      if (this.#lanes.size > 0) {
        for (const room of rooms) if (this.rooms.get(room)?.has(id) !== true) this.#joinLane(room, id);
      }
      super.addAll(id, rooms);
    }

    override del(id: string, room: string): void {
      this.#leaveLane(room, id);
      super.del(id, room);
    }

    override delAll(id: string): void {
      if (this.#lanes.size > 0) for (const room of this.sids.get(id) ?? []) this.#leaveLane(room, id);
      this.#members.delete(id);
      super.delAll(id);
    }

    deliverEncoded(text: string, options: BroadcastOptions): void {
      const isVolatile = options.flags?.volatile === true;
      const packetOptions: PacketOptions = { preEncoded: true, volatile: isVolatile };
      const encoded: Encoded = { packet: undefined, frame: textFrame("4" + text), isVolatile };
      this.#deliver(encoded, options, (socket) => writeToEngine(socket, text, packetOptions));
    }

    pendingBytes(socketId: string): number {
      return this.#members.get(socketId)?.outlet?.pendingBytes ?? 0;
    }

    #deliver(encoded: Encoded, options: BroadcastOptions, ordinary: MemberCallback): void {
      const toMember = (member: Member): void => {
        const outlet = (member.outlet ??= outletOf(member.socket));
        const isTaken =
          outlet !== undefined && (encoded.isVolatile ? outlet.offerVolatile(encoded.frame) : outlet.offer(encoded.frame));
        if (!isTaken) ordinary(member.socket);
        else if (encoded.packet !== undefined) notify(member.socket, encoded.packet);
      };
      if (options.rooms.size !== 1 || (options.except !== undefined && options.except.size > 0)) {
        super.apply(options, (socket) => toMember(this.#members.get(socket.id) ?? this.#memberOf(socket)));
        return;
      }
      // One room and nobody excepted: no set of those already served, no second look-up.
      const [room] = options.rooms;
      const ids = this.rooms.get(room!);
      if (ids === undefined) return;
      const isLaneWorthIt = ids.size >= laneMembers && encoded.frame.length < LONG_FRAME_BYTES;
      const lane = isLaneWorthIt ? this.#laneOf(room!, ids) : undefined;
      if (lane === undefined || lane.isBroken) {
        for (const id of ids) {
          const member = this.#members.get(id) ?? this.#newcomer(id);
          if (member !== undefined) toMember(member);
        }
      } else {
        lane.append(encoded.frame);
        // Who steps off meanwhile has this message already, and is not to get it again as a walker.
        const walkers = lane.walkers;
        for (let index = 0, count = walkers.length; index < count; index += 1) toMember(walkers[index]!);
      }
    }

    #laneOf(room: string, ids: Set<string>): Lane<Member> {
      const running = this.#lanes.get(room);
      if (running !== undefined) return running;
      const lane = new Lane<Member>(turn, () => this.#lanes.delete(room));
      for (const id of ids) {
        const member = this.#members.get(id) ?? this.#newcomer(id);
        if (member === undefined) continue;
        member.outlet ??= outletOf(member.socket);
        // Riders are not looked at again, so nobody rides who wants to hear of each packet.
        if (member.socket.listenersAnyOutgoing().length === 0) lane.board(member);
        else lane.joined(member);
      }
      this.#lanes.set(room, lane);
      return lane;
    }

    #joinLane(room: string, id: string): void {
      const lane = this.#lanes.get(room);
      if (lane === undefined) return;
      const member = this.#members.get(id) ?? this.#newcomer(id);
      if (member === undefined) lane.break();
      else lane.joined(member);
    }

    #leaveLane(room: string, id: string): void {
      const lane = this.#lanes.get(room);
      const member = this.#members.get(id);
      if (lane !== undefined && member !== undefined) lane.left(member);
    }

    #newcomer(id: string): Member | undefined {
      const socket = (this.nsp as { sockets: Map<string, Socket> }).sockets.get(id);
      return socket === undefined ? undefined : this.#memberOf(socket);
    }

    #memberOf(socket: Socket): Member {
      const member: Member = { socket, outlet: undefined };
      // A socket that has left every room is on its way out, and nobody would ever remove it from here.
      if (this.sids.has(socket.id)) this.#members.set(socket.id, member);
      return member;
    }
  }

  function outletOf(socket: Socket): Outlet | undefined {
    const connection = connectionOf(socket);
    const known = outlets.get(connection);
    if (known !== undefined) return known;
    if (unsupported(connection) !== undefined) return undefined;
    const outlet = new Outlet(connection, turn);
    outlets.set(connection, outlet);
    return outlet;
  }

  return FanoutAdapter as unknown as B & (new (...args: ConstructorParameters<B>) => Fanout);
}

function notify(socket: Socket, packet: Packet): void {
  (socket as unknown as { notifyOutgoingListeners?(packet: Packet): void }).notifyOutgoingListeners?.(packet);
}

function writeToEngine(socket: Socket, text: string, options: PacketOptions): void {
  (socket as unknown as { client: { writeToEngine(packets: string[], options: PacketOptions): void } }).client.writeToEngine(
    [text],
    options,
  );
}
