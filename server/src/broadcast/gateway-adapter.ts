import type { Namespace, ServerOptions } from "socket.io";
import { Adapter, type BroadcastOptions } from "socket.io-adapter";
import { encoderOf } from "../internals/socket-io.ts";
import type { Packet } from "../internals/socket-io-adapter.ts";
import type { Bus, NamespaceBus } from "./bus/bus.ts";
import { encodeEvent, type EncodedEvent, type EventFlags } from "./encoded-event.ts";
import { Fanout } from "./fanout/fanout.ts";
import type { OnQueue } from "./fanout/outlet.ts";
import type { RecoveryLog } from "../recovery/recovery-log.ts";
import { Outlets } from "./fanout/outlets.ts";

export interface GatewayAdapterDeps {
  bus: Bus;
  /**
   * The message log of recovery. While it is undefined or off, events carry no offset, and clients that reconnect do
   * not get missed events.
   */
  log: RecoveryLog | undefined;
  /** The outlets of all connections of this server. The adapters of all namespaces share them. */
  outlets: Outlets;
  /** A room with at least this many members has a shared batch. In a smaller room, a batch costs more than it saves. */
  sharedFromMembers: number;
}

/**
 * The Socket.IO adapter of a namespace. It encodes each event once, publishes it on the bus, and passes it to the
 * fan-out, which sends it to the local clients. The bus's `peers` make the requests to other gateways (`fetchSockets`,
 * broadcasts with ack).
 */
export class GatewayAdapter extends Adapter {
  readonly fanout: Fanout;
  readonly #namespace: Namespace;
  readonly #bus: NamespaceBus;
  readonly #log: RecoveryLog | undefined;

  constructor(namespace: Namespace, { bus, log, outlets, sharedFromMembers }: GatewayAdapterDeps) {
    super(namespace);
    const { rooms, sids } = this;
    this.#namespace = namespace;
    this.fanout = new Fanout({ rooms, sids, sockets: namespace.sockets }, outlets, sharedFromMembers);
    this.#log = log;
    const receive = (event: EncodedEvent): void => {
      const { offsetText } = this;
      this.fanout.deliver(offsetText === undefined ? event : event.endingWith(offsetText));
    };
    log?.receiveInto(namespace.name, receive);
    this.#bus = bus.join({ namespace, rooms, sids, receive });
  }

  /**
   * `id`: clients get only one of all messages with this id. It is set for a message that was sent with an idempotency
   * key.
   */
  override broadcast(packet: Packet, { rooms, except, flags = {} }: BroadcastOptions, id?: string): void {
    packet.nsp = this.#namespace.name;
    const event = encodeEvent(encoderOf(this.#namespace), packet, { rooms, except: except ?? new Set() }, flags);
    if (this.#log?.isOn === true) return this.#broadcastNumbered(this.#log, event, id);
    // Publish first, so that the event leaves for the other gateways before this gateway writes to its own clients.
    if (flags.local !== true) this.#bus.publish(event);
    this.fanout.deliver(event);
  }

  /** Recovery appends this offset to every event for a client of this namespace. Undefined when recovery is off. */
  get offsetText(): string | undefined {
    return this.#log?.offsetText;
  }

  #broadcastNumbered(log: RecoveryLog, event: EncodedEvent, id: string | undefined): void {
    const isLocal = event.flags.local === true;
    const entry = isLocal || !event.isKept ? undefined : log.number(event, id);
    if (!isLocal) this.#bus.publish(event, entry);
    this.fanout.deliver(event.endingWith(log.offsetText!));
  }

  override addAll(id: string, rooms: Set<string>): void {
    this.fanout.beforeJoin(id, rooms);
    void super.addAll(id, rooms);
    this.fanout.afterJoin(id);
  }

  override del(id: string, room: string): void {
    this.fanout.beforeLeave(id, room);
    void super.del(id, room);
  }

  override delAll(id: string): void {
    this.fanout.beforeLeaveAll(id);
    super.delAll(id);
  }

  override serverCount(): Promise<number> {
    return this.#bus.peers.serverCount();
  }

  override broadcastWithAck(...args: Parameters<Adapter["broadcastWithAck"]>): void {
    this.#bus.peers.broadcastWithAck(...args);
  }

  override fetchSockets(options: BroadcastOptions): Promise<unknown[]> {
    return this.#bus.peers.fetchSockets(options);
  }

  override addSockets(options: BroadcastOptions, rooms: string[]): void {
    this.#bus.peers.addSockets(options, rooms);
  }

  override delSockets(options: BroadcastOptions, rooms: string[]): void {
    this.#bus.peers.delSockets(options, rooms);
  }

  override disconnectSockets(options: BroadcastOptions, close: boolean): void {
    this.#bus.peers.disconnectSockets(options, close);
  }

  override serverSideEmit(packet: unknown[]): void {
    this.#bus.peers.serverSideEmit(packet);
  }

  override close(): void {
    this.#bus.leave();
  }
}

/** socket.io-parser's PacketType.EVENT. For events with attachments, the encoder changes it to BINARY_EVENT. */
const EVENT = 2;

type GatewayAdapterOptions = Partial<Pick<GatewayAdapterDeps, "sharedFromMembers" | "log">> & {
  /** Called for a connection that can have queued bytes. */
  onQueue?: OnQueue;
};

/** Makes the constructor that Socket.IO calls to create the adapter of each namespace. */
export function gatewayAdapter(
  bus: Bus,
  { sharedFromMembers = 8, log, onQueue }: GatewayAdapterOptions = {},
): ServerOptions["adapter"] {
  const deps = { bus, log, outlets: new Outlets(onQueue), sharedFromMembers };
  // Socket.IO calls this function with `new`, which does not work with an arrow function.
  return function adapterOf(namespace: Namespace): Adapter {
    return new GatewayAdapter(namespace, deps);
  };
}

/** Recovery appends this offset to every event for a client of this namespace. Undefined when recovery is off. */
export function offsetTextOf({ adapter }: { adapter: Adapter }): string | undefined {
  return (adapter as GatewayAdapter).offsetText;
}

/**
 * Sends an event to a room. If several events have the same id, clients get only one of them, even when different
 * gateways send them.
 */
export function broadcastOnce({ adapter }: { adapter: Adapter }, room: string, data: unknown[], id: string): void {
  (adapter as GatewayAdapter).broadcast({ type: EVENT, data }, { rooms: new Set([room]), except: new Set() }, id);
}

/**
 * Sends an event to a room. With `only`, it goes only to sockets of this set that are connected to this gateway and in
 * the room. Slow members get the event from their queue. Recovery does not store it for members that reconnect.
 */
export function broadcastUnkept(
  { adapter }: { adapter: Adapter },
  { room, only }: { room: string; only?: ReadonlySet<string> | undefined },
  data: unknown[],
): void {
  const members = adapter.rooms.get(room);
  // Every socket is in a room of its own whose name is the socket's id.
  const rooms = new Set(only === undefined ? [room] : [...only].filter((id) => members?.has(id)));
  const flags: EventFlags = { unkept: true, ...(only === undefined ? {} : { local: true }) };
  // An empty set of rooms would mean the whole namespace.
  if (rooms.size > 0) adapter.broadcast({ type: EVENT, data }, { rooms, except: new Set(), flags });
}

/** The fan-out of a namespace. The server's adapter must come from `gatewayAdapter`. */
export function fanoutOf({ adapter }: { adapter: Adapter }): Fanout {
  return (adapter as GatewayAdapter).fanout;
}
