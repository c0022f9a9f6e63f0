import type { Socket } from "socket.io";
import { engineSocketOf, hasOutgoingListeners, notifyOutgoing, writeToEngine } from "../../internals/socket-io.ts";
import type { EncodedEvent } from "../encoded-event.ts";
import { messageFrame, textFrame } from "./frame.ts";
import { LONG_FRAME_BYTES, type Outlet } from "./outlet.ts";
import type { Outlets } from "./outlets.ts";
import { EVERYONE, SharedBatches, type RoomIds, type RoomOrEveryone } from "./shared-batches.ts";

/** Sockets and rooms of a namespace. The maps belong to the adapter, which keeps them up to date. */
export interface Membership {
  readonly rooms: ReadonlyMap<string, ReadonlySet<string>>;
  readonly sids: ReadonlyMap<string, ReadonlySet<string>>;
  readonly sockets: ReadonlyMap<string, Socket>;
}

interface Member {
  readonly socket: Socket;
  /**
   * The outlet of the member's connection. Undefined while the fast path of the fan-out does not support the
   * connection. In this case, each message asks for the outlet again.
   */
  outlet: Outlet | undefined;
}

const NOBODY: ReadonlySet<string> = new Set();
/** A broadcast that leaves out more members than this does not use the shared batch. */
const MOST_EXCEPTED = 32;

/**
 * Delivers events to the local members of a namespace. It encodes each event once, and writes once to each connection
 * in a turn of the event loop. Clients get the same bytes in the same order as from Socket.IO. This fast path does not
 * support polling, compression, attachments, and connections whose packets wait in engine.io: they use Socket.IO's
 * code.
 */
export class Fanout {
  readonly #membership: Membership;
  readonly #outlets: Outlets;
  readonly #members = new Map<string, Member>();
  readonly #batches: SharedBatches<Member>;

  constructor(membership: Membership, outlets: Outlets, sharedFromMembers: number) {
    this.#membership = membership;
    this.#outlets = outlets;
    this.#batches = new SharedBatches<Member>(
      outlets.turn,
      {
        idsIn: (room) => this.#idsIn(room),
        roomsOf: (id) => membership.sids.get(id) ?? NOBODY,
        memberOf: (id) => this.#memberOf(id),
      },
      sharedFromMembers,
    );
  }

  deliver(event: EncodedEvent): void {
    const { rooms, except } = event.audience;
    const excepted = this.#idsInAny(except);
    if (rooms.size > 1) return this.#deliverToEach(this.#idsInAny(rooms), excepted, event);
    const [room = EVERYONE] = rooms;
    const { frame } = event;
    const isShareable = frame !== undefined && frame.length < LONG_FRAME_BYTES && excepted.size <= MOST_EXCEPTED;
    const batch = isShareable ? this.#batches.of(room) : undefined;
    if (batch === undefined) return this.#deliverToEach(this.#idsIn(room), excepted, event);
    batch.start(this.#mayShare);
    for (const id of excepted) this.#members.get(id)?.outlet?.leaveBatch(batch);
    batch.append(frame!);
    // Iterate over a copy. A member that leaves the batch during the loop already has this message and would get it
    // twice.
    for (const member of [...batch.withOwnQueue]) if (!excepted.has(member.socket.id)) this.#deliverTo(member, event);
  }

  /** Sends an encoded packet without attachments to one socket. Does nothing if the socket no longer exists. */
  send(socketId: string, text: string | Buffer): void {
    const member = this.#memberOf(socketId);
    if (member === undefined) return;
    const outlet = (member.outlet ??= this.#outlets.of(member.socket));
    const frame = typeof text === "string" ? textFrame("4" + text) : messageFrame(text);
    if (outlet?.offer(frame) !== true) writeToEngine(member.socket, [text.toString()], { preEncoded: true });
  }

  /** Number of bytes that are queued for the socket's connection until the end of this turn of the event loop. */
  pendingBytes(socketId: string): number {
    return this.#members.get(socketId)?.outlet?.pendingBytes ?? 0;
  }

  /** Whether the socket's connection has an outlet. An outlet calls `onQueue` when bytes are queued. */
  reportsQueue(socketId: string): boolean {
    const member = this.#memberOf(socketId);
    if (member === undefined) return false;
    member.outlet ??= this.#outlets.of(member.socket);
    return member.outlet !== undefined;
  }

  beforeJoin(id: string, rooms: ReadonlySet<string>): void {
    this.#batches.beforeJoin(id, rooms);
  }

  /**
   * Every socket first joins the room that has its id. From then on, its acks and the events for it alone use the
   * outlet, so they share the one write of each turn.
   */
  afterJoin(id: string): void {
    const member = this.#memberOf(id);
    if (member === undefined || member.outlet !== undefined) return;
    member.outlet = this.#outlets.of(member.socket);
    if (member.outlet === undefined) this.#outlets.onQueue(engineSocketOf(member.socket));
  }

  beforeLeave(id: string, room: string): void {
    this.#batches.beforeLeave(id, room);
  }

  beforeLeaveAll(id: string): void {
    this.#batches.beforeLeaveAll(id);
    this.#members.delete(id);
  }

  #deliverToEach(ids: RoomIds | undefined, excepted: ReadonlySet<string>, event: EncodedEvent): void {
    for (const id of ids?.keys() ?? NOBODY) {
      const member = excepted.has(id) ? undefined : this.#memberOf(id);
      if (member !== undefined) this.#deliverTo(member, event);
    }
  }

  #deliverTo(member: Member, event: EncodedEvent): void {
    const { socket } = member;
    const { frame } = event;
    if (hasOutgoingListeners(socket)) notifyOutgoing(socket, event.packet);
    const outlet = frame === undefined ? undefined : (member.outlet ??= this.#outlets.of(socket));
    const isTaken = outlet !== undefined && (event.isVolatile ? outlet.offerVolatile(frame!) : outlet.offer(frame!));
    if (!isTaken) writeToEngine(socket, event.texts, event.packetOptions);
  }

  /**
   * A member with listeners to outgoing packets cannot share a batch, because a batch does not call listeners for each
   * message.
   */
  readonly #mayShare = (member: Member): boolean => {
    member.outlet ??= this.#outlets.of(member.socket);
    return member.outlet !== undefined && !hasOutgoingListeners(member.socket);
  };

  #idsIn(room: RoomOrEveryone): RoomIds | undefined {
    return room === EVERYONE ? this.#membership.sids : this.#membership.rooms.get(room);
  }

  #idsInAny(rooms: ReadonlySet<string>): ReadonlySet<string> {
    if (rooms.size === 0) return NOBODY;
    const ids = new Set<string>();
    for (const room of rooms) for (const id of this.#membership.rooms.get(room) ?? NOBODY) ids.add(id);
    return ids;
  }

  #memberOf(id: string): Member | undefined {
    const known = this.#members.get(id);
    if (known !== undefined) return known;
    const socket = this.#membership.sockets.get(id);
    if (socket === undefined) return undefined;
    // This member is always removed again: its socket is in a room or about to join one, so `beforeLeaveAll` is called
    // for it.
    const member: Member = { socket, outlet: undefined };
    this.#members.set(id, member);
    return member;
  }
}
