import type { BroadcastOptions } from "socket.io-adapter";
import type { Bus, BusObserver } from "./bus/bus.ts";
import { encodedBroadcast, encodedParts, eventHead, isEventText } from "./encoded-broadcast.ts";
import { RedisAdapterClass } from "../internals/redis-adapter.ts";
import { asAdapter } from "../internals/socket-io-adapter.ts";
import type { RedisPort } from "./bus/redis-port.ts";
import { optionsProblem, packetProblem } from "./wire-packet.ts";
import type { WireOptions, WirePacket } from "./wire-packet.ts";

export interface GuardedAdapterParts {
  port: RedisPort;
  /** As RedisBusOptions has it. */
  prefix: string;
  observer: BusObserver;
  /** Nodes of the cluster, this one included. */
  nodes: () => number;
}

type Packet = WirePacket[1];

/** Longer texts are not sent beside their packet: together they could pass what receivers take at most. */
const MOST_TEXT_LENGTH = 1024 * 1024;

/** @socket.io/redis-adapter with guards, which tells other gateways what it has encoded already and hands on what they have. */
export function guardedAdapter({ port, prefix, observer, nodes }: GuardedAdapterParts): Bus["adapter"] {
  class GuardedRedisAdapter extends RedisAdapterClass {
    /** There when withFanout extends this adapter. */
    declare deliverEncoded?: (text: Buffer, options: BroadcastOptions) => void;
    readonly #head = eventHead(this.nsp.name);
    readonly #sender = this.parser.encode(this.uid);
    /** What is being published, until its delivery on this node has taken it over. */
    #encoded: { packet: Packet; texts: unknown[]; options: object } | undefined;

    constructor(namespace: unknown) {
      super(namespace, port, port, { key: prefix });
    }

    /** Published first, so that it leaves for the other nodes before this turn's writes to clients do. */
    override broadcast(packet: Packet, options: BroadcastOptions): void {
      if (options.flags?.local !== true) {
        packet.nsp = this.nsp.name;
        this.#publish(packet, options);
      }
      super.broadcast(packet, { ...options, flags: { ...options.flags, local: true } });
    }

    override _encode(packet: Packet, options: object): unknown[] {
      const encoded = this.#encoded;
      this.#encoded = undefined;
      if (encoded?.packet !== packet) return super._encode(packet, options);
      Object.assign(options, encoded.options);
      return encoded.texts;
    }

    /** A broadcast of another node. Its shape is checked before anything believes it; rooms nobody here is in are not even decoded. */
    override onmessage(_pattern: unknown, channel: string, message: Buffer): void {
      if (!channel.startsWith(this.channel) || this.#isOwn(message)) return;
      const room = channel.slice(this.channel.length, -1);
      if (room !== "" && !this.hasRoom(room)) return;
      const parts = encodedParts(message);
      if (parts !== undefined && this.deliverEncoded !== undefined && isEventText(parts.text, this.#head)) {
        const options = this.parser.decode(parts.options);
        if (optionsProblem(options) !== undefined) return observer.dropped("malformed");
        return this.deliverEncoded(parts.text, receiversOf(options as WireOptions));
      }
      const decoded = this.parser.decode(message);
      if (packetProblem(decoded, this.nsp.name) !== undefined) return observer.dropped("malformed");
      const [, packet, options] = decoded as WirePacket;
      if (packet.nsp === this.nsp.name) this.broadcast(packet, receiversOf(options));
    }

    override async serverCount(): Promise<number> {
      return nodes();
    }

    #publish(packet: Packet, { rooms, except, flags }: BroadcastOptions): void {
      const options = { preEncoded: true };
      const texts = super._encode(packet, options);
      const [text] = texts;
      const sent: WirePacket = [
        this.uid,
        packet,
        { rooms: [...rooms], except: [...(except ?? [])], flags: { ...flags } },
      ];
      const isPlain = texts.length === 1 && typeof text === "string" && text.length <= MOST_TEXT_LENGTH;
      const message = isPlain ? encodedBroadcast(this.parser, sent, text) : this.parser.encode(sent);
      this.#encoded = { packet, texts, options };
      const [room] = rooms;
      void port.publish(rooms.size === 1 ? `${this.channel}${room}#` : this.channel, message);
    }

    #isOwn(message: Buffer): boolean {
      return (
        message.length > this.#sender.length &&
        message.compare(this.#sender, 0, this.#sender.length, 1, 1 + this.#sender.length) === 0
      );
    }
  }
  return asAdapter(GuardedRedisAdapter);
}

/** "local" keeps the adapter from publishing it again. */
function receiversOf({ rooms, except, flags }: WireOptions): BroadcastOptions {
  return { rooms: new Set(rooms), except: new Set(except), flags: { ...flags, local: true } };
}
