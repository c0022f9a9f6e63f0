import { requestClient, requestPeers, type PeerAdapter } from "../../internals/redis-adapter.ts";
import { encoderOf } from "../../internals/socket-io.ts";
import { EncodedEvent, encodeEvent } from "../encoded-event.ts";
import type { Entry } from "../../recovery/message-ring.ts";
import { isOrigin } from "../../recovery/offset.ts";
import type { RecoveryLog } from "../../recovery/recovery-log.ts";
import { numberedBroadcast, numberedParts, type NumberedParts } from "./numbered-broadcast.ts";
import { encodedBroadcast, encodedParts, eventHead, isEventText } from "./encoded-broadcast.ts";
import type { BusObserver, LocalNamespace, NamespaceBus } from "./bus.ts";
import type { Endpoints } from "./endpoints.ts";
import {
  optionsProblem,
  packetProblem,
  type PublishedBroadcast,
  type PublishedOptions,
} from "./published-broadcast.ts";

export interface RedisNamespaceDeps {
  endpoints: Endpoints;
  /** Prefix of all channels, see `RedisBusOptions`. */
  prefix: string;
  observer: BusObserver;
  /** Number of gateways in the cluster. This gateway is included. */
  nodes: () => number;
  log: RecoveryLog | undefined;
}

/**
 * A text of more UTF-16 units than this is not appended to its packet. Text and packet together could exceed the
 * receivers' limit.
 */
const MOST_TEXT_LENGTH = 1024 * 1024;

/**
 * One namespace of the bus. It uses the channels of @socket.io/redis-adapter and redis-emitter. It appends to each
 * packet that it publishes the encoded text for clients. If a received packet has such a text, the clients of this
 * gateway get it unchanged. The stock adapter handles requests between gateways, such as `fetchSockets`.
 */
export class RedisNamespace implements NamespaceBus {
  readonly peers: PeerAdapter;
  readonly #local: LocalNamespace;
  readonly #endpoints: Endpoints;
  readonly #observer: BusObserver;
  readonly #channel: string;
  readonly #head: Buffer;
  readonly #sender: Buffer;
  readonly #log: RecoveryLog | undefined;

  constructor(local: LocalNamespace, { endpoints, prefix, observer, nodes, log }: RedisNamespaceDeps) {
    this.#log = log;
    const { name } = local.namespace;
    this.#local = local;
    this.#endpoints = endpoints;
    this.#observer = observer;
    this.#channel = `${prefix}#${name}#`;
    this.#head = eventHead(name);
    this.peers = requestPeers(local, requestClient(endpoints), { key: prefix, serverCount: nodes });
    this.#sender = this.peers.parser.encode(this.peers.uid);
    endpoints.listen("patterns", [`${this.#channel}*`], (channel, message) => this.#received(channel, message));
  }

  publish({ text, attachments, audience, flags, packet }: EncodedEvent, entry?: Entry): void {
    const { uid, parser } = this.peers;
    const { rooms, except } = audience;
    const options: PublishedOptions = { rooms: [...rooms], except: [...except], flags: { ...flags } };
    if (entry?.id !== undefined) options.id = entry.id;
    const broadcast = [uid, packet, options] as PublishedBroadcast;
    const isPlain = attachments.length === 0 && text.length <= MOST_TEXT_LENGTH;
    const channel = rooms.size === 1 ? `${this.#channel}${options.rooms[0]}#` : this.#channel;
    if (entry !== undefined && isPlain) {
      const published = numberedBroadcast(parser, broadcast, entry);
      if (!this.#log!.append(entry, { channel, ...published }))
        void this.#publishDirectly(channel, published.message, entry);
      return;
    }
    // Store only the number of this message in the log, without its text. Recovery cannot send it again to a client
    // that missed it.
    if (entry !== undefined) this.#log!.append(entry);
    const message = isPlain ? encodedBroadcast(parser, broadcast, text) : parser.encode(broadcast);
    void this.#endpoints.publish(channel, message);
  }

  async #publishDirectly(channel: string, message: Buffer, entry: Entry): Promise<void> {
    if (!(await this.#endpoints.publish(channel, message))) this.#log!.direct.keep(entry);
  }

  leave(): void {
    this.#endpoints.stopListening("patterns", [`${this.#channel}*`]);
    void this.peers.close();
  }

  /**
   * Handles a broadcast of another gateway. A message for a room without local members is not decoded, unless the
   * message log needs it.
   */
  #received(channel: string, message: Buffer): void {
    if (!channel.startsWith(this.#channel)) return;
    const numbered = numberedParts(message);
    if (numbered !== undefined && this.#isTakenByLog(numbered)) return;
    if (this.#isOwn(message)) return;
    const room = channel.slice(this.#channel.length, -1);
    if (room !== "" && !this.#local.rooms.has(room)) return;
    const parts = numbered ?? encodedParts(message);
    if (parts !== undefined && isEventText(parts.text, this.#head)) this.#receiveText(parts.text, parts.options);
    else this.#receivePacket(message);
  }

  /**
   * Gives a numbered message to the message log. Returns false if the log does not take it; the caller must deliver it.
   */
  #isTakenByLog({ origin, number, era, s, options: encodedOptions, text }: NumberedParts): boolean {
    const log = this.#log;
    if (log?.isFollowing !== true) return false;
    const options = this.peers.parser.decode(encodedOptions);
    const isIdentified = isOrigin(origin) && number > 0;
    if (!isIdentified || optionsProblem(options) !== undefined) {
      this.#observer.dropped("malformed");
      return true;
    }
    const { rooms, except, id } = options as PublishedOptions;
    const isValid = isEventText(text, this.#head);
    if (!isValid) this.#observer.dropped("malformed");
    return log.heard(era, s, {
      ...{ origin, number, rooms, except, id },
      namespace: this.#local.namespace.name,
      // Copy the text: the message can share its memory with other messages, which the log would keep in memory too.
      text: isValid ? Buffer.from(text) : undefined,
      atMs: log.nowMs(),
    });
  }

  #receiveText(text: Buffer, encodedOptions: Buffer): void {
    const options = this.peers.parser.decode(encodedOptions);
    if (optionsProblem(options) !== undefined) return this.#observer.dropped("malformed");
    const { audience, flags } = receiversOf(options as PublishedOptions);
    this.#receive(new EncodedEvent({ namespace: this.#local.namespace.name, text, audience, flags }));
  }

  #receivePacket(message: Buffer): void {
    const { name } = this.#local.namespace;
    const decoded = this.peers.parser.decode(message);
    if (packetProblem(decoded, name) !== undefined) return this.#observer.dropped("malformed");
    const [, packet, options] = decoded as PublishedBroadcast;
    if (packet.nsp !== name) return;
    const { audience, flags } = receiversOf(options);
    this.#receive(encodeEvent(encoderOf(this.#local.namespace), packet, audience, flags));
  }

  #receive(event: EncodedEvent): void {
    // Gateways with recovery number every message that recovery can send again. So this one comes from a publisher
    // without recovery.
    if (this.#log !== undefined && event.isKept) this.#observer.unnumbered?.();
    this.#local.receive(event);
  }

  #isOwn(message: Buffer): boolean {
    const senderEnd = 1 + this.#sender.length;
    return message.length >= senderEnd && message.compare(this.#sender, 0, this.#sender.length, 1, senderEnd) === 0;
  }
}

function receiversOf({ rooms, except, flags = {} }: PublishedOptions): Pick<EncodedEvent, "audience" | "flags"> {
  return { audience: { rooms: new Set(rooms), except: new Set(except) }, flags };
}
