import type { Adapter, BroadcastOptions } from "socket.io-adapter";
import type { Socket } from "socket.io";
import { textFrame } from "./frame.ts";
import { Lane } from "./lane.ts";
import { LONG_FRAME_BYTES, Outlet } from "./outlet.ts";
import { Turn } from "./turn.ts";
import { connectionOf, hasOutgoingListeners, unsupported } from "./undocumented.ts";
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
  /** From this many members on, a room's messages of a turn are kept once for all. Default 8: below, that costs more than it saves. */
  laneMembers?: number;
}

/** The lane of broadcasts to a whole namespace. */
const EVERYONE = Symbol("everyone");

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
    /** Lanes of rooms that were sent to and are large enough; EVERYONE's is the namespace's. */
    readonly #lanes = new Map<string | typeof EVERYONE, Lane<Member>>();
    /** Ids in rooms with a lane that have no socket yet: a middleware may join rooms before the connection stands. */
    readonly #strangers = new Set<string>();
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
        if (!this.sids.has(id)) this.#joinLane(EVERYONE, id);
        for (const room of rooms) if (this.rooms.get(room)?.has(id) !== true) this.#joinLane(room, id);
      }
      super.addAll(id, rooms);
    }

    override del(id: string, room: string): void {
      this.#leaveLane(room, id);
      super.del(id, room);
    }

    override delAll(id: string): void {
      if (this.#lanes.size > 0) {
        this.#leaveLane(EVERYONE, id);
        for (const room of this.sids.get(id) ?? []) this.#leaveLane(room, id);
      }
      this.#members.delete(id);
      this.#strangers.delete(id);
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
      const lane = this.#laneFor(encoded, options);
      if (lane === undefined) return this.#oneByOne(options, toMember);
      lane.start(mayRide);
      lane.append(encoded.frame);
      // Who steps off meanwhile has this message already, and is not to get it again as a walker.
      const walkers = [...lane.walkers];
      for (const walker of walkers) toMember(walker);
    }

    #oneByOne(options: BroadcastOptions, toMember: (member: Member) => void): void {
      if (options.rooms.size !== 1 || isSome(options.except)) {
        super.apply(options, (socket) => toMember(this.#members.get(socket.id) ?? this.#memberOf(socket)));
        return;
      }
      // One room and nobody excepted: no set of those already served, no second look-up.
      const [room] = options.rooms;
      for (const id of this.rooms.get(room!) ?? []) {
        const member = this.#members.get(id) ?? this.#newcomer(id);
        if (member !== undefined) toMember(member);
      }
    }

    /** The lane of a broadcast to one room, or to all, with nobody excepted; undefined where one by one is better. */
    #laneFor({ frame }: Encoded, { rooms, except }: BroadcastOptions): Lane<Member> | undefined {
      if (rooms.size > 1 || isSome(except) || frame.length >= LONG_FRAME_BYTES) return undefined;
      const [room = EVERYONE] = rooms;
      const lane = this.#lanes.get(room) ?? this.#newLane(room);
      if (this.#strangers.size > 0) this.#meetStrangers();
      return lane;
    }

    #newLane(room: string | typeof EVERYONE): Lane<Member> | undefined {
      const ids = room === EVERYONE ? this.sids : this.rooms.get(room);
      if (ids === undefined || ids.size < laneMembers) return undefined;
      const lane = new Lane<Member>(turn);
      this.#lanes.set(room, lane);
      for (const id of ids.keys()) this.#joinLane(room, id);
      return lane;
    }

    #joinLane(room: string | typeof EVERYONE, id: string): void {
      const lane = this.#lanes.get(room);
      if (lane === undefined || this.#strangers.has(id)) return;
      const member = this.#members.get(id) ?? this.#newcomer(id);
      if (member === undefined) this.#strangers.add(id);
      else lane.joined(member);
    }

    #leaveLane(room: string | typeof EVERYONE, id: string): void {
      const lane = this.#lanes.get(room);
      if (lane === undefined) return;
      const member = this.#members.get(id);
      if (member !== undefined) lane.left(member);
      const ids = room === EVERYONE ? this.sids : this.rooms.get(room);
      if (ids?.size === 1 && ids.has(id)) this.#lanes.delete(room);
    }

    /** Ids whose socket has come since join the lanes of their rooms. */
    #meetStrangers(): void {
      for (const id of this.#strangers) {
        if (this.#newcomer(id) === undefined) continue;
        this.#strangers.delete(id);
        this.#joinLane(EVERYONE, id);
        for (const room of this.sids.get(id) ?? []) this.#joinLane(room, id);
      }
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

  /** Riders are not looked at message by message, so nobody rides who wants to hear of each. */
  function mayRide(member: Member): boolean {
    member.outlet ??= outletOf(member.socket);
    return member.outlet !== undefined && !hasOutgoingListeners(member.socket);
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

const isSome = (except: Set<string> | undefined): boolean => except !== undefined && except.size > 0;

function notify(socket: Socket, packet: Packet): void {
  (socket as unknown as { notifyOutgoingListeners?(packet: Packet): void }).notifyOutgoingListeners?.(packet);
}

function writeToEngine(socket: Socket, text: string, options: PacketOptions): void {
  (socket as unknown as { client: { writeToEngine(packets: string[], options: PacketOptions): void } }).client.writeToEngine(
    [text],
    options,
  );
}
