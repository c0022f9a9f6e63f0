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
  /** While it is undefined or off, events carry no offset and are not kept. */
  log: RecoveryLog | undefined;
  /** Outlets of the connections. All namespaces of a server share them. */
  outlets: Outlets;
  /** A room has a shared batch from this many members on. In smaller rooms a batch costs more than it saves. */
  sharedFromMembers: number;
}

/**
 * The Socket.IO adapter of a namespace. Encodes each event once, publishes it on the bus, and passes it to the fan-out
 * for local members.
 * Requests to other gateways (`fetchSockets`, broadcasts with ack) go to `peers`.
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

  /** `id`: the id of a message with a key. Clients get only one message with this id. */
  override broadcast(packet: Packet, { rooms, except, flags = {} }: BroadcastOptions, id?: string): void {
    packet.nsp = this.#namespace.name;
    const event = encodeEvent(encoderOf(this.#namespace), packet, { rooms, except: except ?? new Set() }, flags);
    if (this.#log?.isOn === true) return this.#broadcastNumbered(this.#log, event, id);
    // Publish first, so that the event leaves for other gateways before this turn's writes to clients.
    if (flags.local !== true) this.#bus.publish(event);
    this.fanout.deliver(event);
  }

  /** The offset that is appended to every event for a client of this namespace. */
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

/** socket.io-parser's PacketType.EVENT. The encoder uses another type for events with attachments. */
const EVENT = 2;

type GatewayAdapterOptions = Partial<Pick<GatewayAdapterDeps, "sharedFromMembers" | "log">> & {
  /** Called for a connection that may have queued bytes. */
  onQueue?: OnQueue;
};

/** Makes the adapter constructor that Socket.IO calls for each namespace. */
export function gatewayAdapter(
  bus: Bus,
  { sharedFromMembers = 8, log, onQueue }: GatewayAdapterOptions = {},
): ServerOptions["adapter"] {
  const deps = { bus, log, outlets: new Outlets(onQueue), sharedFromMembers };
  // Socket.IO calls it with `new`, which an arrow function does not allow.
  return function adapterOf(namespace: Namespace): Adapter {
    return new GatewayAdapter(namespace, deps);
  };
}

/** The offset that is appended to every event for a client of this namespace. Undefined when recovery is off. */
export function offsetTextOf({ adapter }: { adapter: Adapter }): string | undefined {
  return (adapter as GatewayAdapter).offsetText;
}

/**
 * Sends an event to a room. Clients get only one of several events with the same id, even if different gateways send
 * them.
 */
export function broadcastOnce({ adapter }: { adapter: Adapter }, room: string, data: unknown[], id: string): void {
  (adapter as GatewayAdapter).broadcast({ type: EVENT, data }, { rooms: new Set([room]), except: new Set() }, id);
}

/**
 * Sends an event to a room, or only to those of the given sockets that are on this gateway and in the room. The event
 * is queued for slow members, but it is not kept for members that return.
 */
export function broadcastUnkept(
  { adapter }: { adapter: Adapter },
  { room, only }: { room: string; only?: ReadonlySet<string> | undefined },
  data: unknown[],
): void {
  const members = adapter.rooms.get(room);
  // Every socket is alone in a room that has the socket's id as its name.
  const rooms = new Set(only === undefined ? [room] : [...only].filter((id) => members?.has(id)));
  const flags: EventFlags = { unkept: true, ...(only === undefined ? {} : { local: true }) };
  // An empty set of rooms would mean the whole namespace.
  if (rooms.size > 0) adapter.broadcast({ type: EVENT, data }, { rooms, except: new Set(), flags });
}

/** The fan-out of a namespace. The server must use a `gatewayAdapter`. */
export function fanoutOf({ adapter }: { adapter: Adapter }): Fanout {
  return (adapter as GatewayAdapter).fanout;
}
