import type { Adapter, BroadcastOptions } from "socket.io-adapter";
import type { Socket } from "socket.io";
import { PacketType } from "socket.io-parser";
import { messageFrame, textFrame } from "./frame.ts";
import { EVERYONE, Lanes } from "./lanes.ts";
import { LONG_FRAME_BYTES, Outlet } from "./outlet.ts";
import { Turn } from "./turn.ts";
import { unsupported } from "../../internals/engine-io.ts";
import type { EngineSocket } from "../../internals/engine-io.ts";
import { adapterInside, asAdapter } from "../../internals/socket-io-adapter.ts";
import type { AdapterConstructor, MemberCallback, Packet, PacketOptions } from "../../internals/socket-io-adapter.ts";
import { engineSocketOf, hasOutgoingListeners, notifyOutgoing, writeToEngine } from "../../internals/socket-io.ts";

/** What an adapter made by `withFanout` offers beside Socket.IO's own interface. */
export interface Fanout {
  /** Bytes of this turn that have not been given to the socket's connection yet. */
  pendingBytes(socketId: string): number;
  /**
   * Delivers an event that is encoded already (the UTF-8 of Socket.IO's packet, without ack id and attachments, as another node
   * encoded it) to this node's members. It is decoded where somebody listens to outgoing packets, and nowhere else.
   */
  deliverEncoded(text: Buffer, options: BroadcastOptions): void;
  /** Sends a packet that is encoded already (without attachments) to one socket of this node; one that has gone gets nothing. */
  sendEncoded(socketId: string, encoded: string): void;
}

export interface FanoutOptions {
  /** From this many members on, a room's messages of a turn are kept once for all. Default 8: below, that costs more than it saves. */
  laneMembers?: number;
}

interface Member {
  readonly socket: Socket;
  /** Undefined until the connection is one the fast path knows; looked at again with each message. */
  outlet: Outlet | undefined;
}

interface Message {
  /** For who listens to outgoing packets. */
  packet: () => Packet;
  frame: Buffer;
  isVolatile: boolean;
}

const NOBODY: ReadonlySet<string> = new Set();
/** A broadcast that leaves out more than these has little to share. */
const MOST_EXCEPTED = 32;

/**
 * An adapter whose broadcasts cost one encoding per message and one write per connection and turn of the event loop. What
 * clients receive, and in which order, is what Base would have sent. Everything it does not recognise (polling, compression,
 * binary attachments, broadcasts that ask for acks, connections with packets queued) takes Base's way, socket by socket.
 */
export function withFanout(Base: AdapterConstructor, { laneMembers = 8 }: FanoutOptions = {}): typeof Adapter {
  const Inside = adapterInside(Base);
  // Namespaces share connections: the order within a connection needs one outlet for all of them.
  const turn = new Turn();
  // On the connection itself: each entry of a WeakMap is looked at by every garbage collection.
  const outletKey = Symbol("outlet");

  class FanoutAdapter extends Inside implements Fanout {
    readonly #members = new Map<string, Member>();
    #encoded: Message | undefined;
    readonly #lanes = new Lanes<Member>(
      turn,
      {
        idsIn: (audience) => (audience === EVERYONE ? this.sids : this.rooms.get(audience)),
        roomsOf: (id) => this.sids.get(id) ?? NOBODY,
        memberOf: (id) => this.#members.get(id) ?? this.#newcomer(id),
      },
      laneMembers,
    );

    override _encode(packet: Packet, options: PacketOptions): unknown[] {
      const encoded = super._encode(packet, options);
      const [text] = encoded;
      if (encoded.length === 1 && typeof text === "string" && packet.id === undefined) {
        this.#encoded = { packet: () => packet, frame: textFrame("4" + text), isVolatile: options.volatile === true };
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
      this.#lanes.joins(id, rooms);
      super.addAll(id, rooms);
      // The first join is the connection's own: from then on its acks and direct emits are joined to one write per turn, too.
      const member = this.#members.get(id) ?? this.#newcomer(id);
      if (member !== undefined) member.outlet ??= outletOf(member.socket);
    }

    override del(id: string, room: string): void {
      this.#lanes.leaves(id, room);
      super.del(id, room);
    }

    override delAll(id: string): void {
      this.#lanes.leavesAll(id);
      this.#members.delete(id);
      super.delAll(id);
    }

    deliverEncoded(encoded: Buffer, options: BroadcastOptions): void {
      const { volatile: isVolatile = false, compress } = (options.flags ?? {}) as {
        volatile?: boolean;
        compress?: boolean;
      };
      const frame = messageFrame(encoded);
      const packetOptions: PacketOptions = {
        preEncoded: true,
        volatile: isVolatile,
        ...(compress === undefined ? {} : { compress }),
        wsPreEncodedFrame: [frame],
      };
      let text: string | undefined;
      let packet: Packet | undefined;
      const asText = (): string => (text ??= encoded.toString());
      const asPacket = (): Packet => (packet ??= eventOf(asText(), (this.nsp as { name: string }).name));
      this.#deliver({ packet: asPacket, frame, isVolatile }, options, (socket) => {
        if (hasOutgoingListeners(socket)) notifyOutgoing(socket, asPacket());
        writeToEngine(socket, asText(), packetOptions);
      });
    }

    sendEncoded(socketId: string, text: string): void {
      const member = this.#members.get(socketId) ?? this.#newcomer(socketId);
      if (member === undefined) return;
      const outlet = (member.outlet ??= outletOf(member.socket));
      if (outlet?.offer(textFrame("4" + text)) !== true) writeToEngine(member.socket, text, { preEncoded: true });
    }

    pendingBytes(socketId: string): number {
      return this.#members.get(socketId)?.outlet?.pendingBytes ?? 0;
    }

    #deliver(message: Message, options: BroadcastOptions, ordinary: MemberCallback): void {
      const { packet, frame, isVolatile } = message;
      const toMember = (member: Member): void => {
        const outlet = (member.outlet ??= outletOf(member.socket));
        const isTaken = outlet !== undefined && (isVolatile ? outlet.offerVolatile(frame) : outlet.offer(frame));
        if (!isTaken) ordinary(member.socket);
        else if (hasOutgoingListeners(member.socket)) notifyOutgoing(member.socket, packet());
      };
      const [room = EVERYONE] = options.rooms;
      const excepted = options.rooms.size > 1 ? undefined : this.#excepted(options.except);
      if (excepted === undefined) return super.apply(options, (socket) => toMember(this.#memberOf(socket)));
      const lane = frame.length < LONG_FRAME_BYTES ? this.#lanes.laneOf(room) : undefined;
      if (lane === undefined) {
        const ids = room === EVERYONE ? this.sids : this.rooms.get(room);
        for (const id of ids?.keys() ?? NOBODY) {
          const member = excepted.has(id) ? undefined : (this.#members.get(id) ?? this.#newcomer(id));
          if (member !== undefined) toMember(member);
        }
        return;
      }
      lane.start(mayRide);
      for (const id of excepted) this.#members.get(id)?.outlet?.stepOff(lane);
      lane.append(frame);
      // A copy: who steps off meanwhile has this message already, and is not to get it again as a walker.
      for (const walker of [...lane.walkers]) if (!excepted.has(walker.socket.id)) toMember(walker);
    }

    /** The ids a broadcast leaves out, or undefined when they are many. */
    #excepted(rooms: Set<string> | undefined): ReadonlySet<string> | undefined {
      if (rooms === undefined || rooms.size === 0) return NOBODY;
      const ids = new Set<string>();
      for (const room of rooms) {
        const some = this.rooms.get(room);
        if (some === undefined) continue;
        if (ids.size + some.size > MOST_EXCEPTED) return undefined;
        for (const id of some) ids.add(id);
      }
      return ids;
    }

    #newcomer(id: string): Member | undefined {
      const socket = (this.nsp as { sockets: Map<string, Socket> }).sockets.get(id);
      return socket === undefined ? undefined : this.#memberOf(socket);
    }

    #memberOf(socket: Socket): Member {
      const known = this.#members.get(socket.id);
      if (known !== undefined) return known;
      // delAll removes it: who is asked for here is in a room, or about to be.
      const member: Member = { socket, outlet: undefined };
      this.#members.set(socket.id, member);
      return member;
    }
  }

  /** An event's text, decoded. */
  function eventOf(text: string, namespace: string): Packet {
    const data = JSON.parse(text.slice(namespace === "/" ? 1 : namespace.length + 2)) as unknown[];
    return { type: PacketType.EVENT, nsp: namespace, data };
  }

  /** Riders are not looked at message by message, so nobody rides who wants to hear of each. */
  function mayRide(member: Member): boolean {
    member.outlet ??= outletOf(member.socket);
    return member.outlet !== undefined && !hasOutgoingListeners(member.socket);
  }

  function outletOf(socket: Socket): Outlet | undefined {
    const connection: EngineSocket & { [outletKey]?: Outlet } = engineSocketOf(socket);
    const known = connection[outletKey];
    if (known !== undefined) return known;
    return unsupported(connection) === undefined ? (connection[outletKey] = new Outlet(connection, turn)) : undefined;
  }

  return asAdapter(FanoutAdapter);
}

/** The adapter of a namespace of ours. */
export function fanoutOf({ adapter }: { adapter: Adapter }): Fanout {
  return adapter as Adapter & Fanout;
}
