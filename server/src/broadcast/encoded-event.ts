import type { BroadcastOptions } from "socket.io-adapter";
import type { PacketEncoder } from "../internals/socket-io.ts";
import type { Packet, PacketOptions } from "../internals/socket-io-adapter.ts";
import { messageFrame, textFrame } from "./fanout/frame.ts";

/**
 * Who gets an event: the members of any room in `rooms`, without the members of any room in `except`. If `rooms` is
 * empty, the whole namespace gets it.
 */
export interface Audience {
  readonly rooms: ReadonlySet<string>;
  readonly except: ReadonlySet<string>;
}

/** The flags of Socket.IO's broadcast operator, and our own flag `unkept`, which makes `isKept` false. */
export type EventFlags = NonNullable<BroadcastOptions["flags"]> & { unkept?: boolean };

interface Fields {
  namespace: string;
  text: string | Buffer;
  attachments?: readonly Buffer[];
  audience: Audience;
  flags: EventFlags;
  packet?: Packet;
}

const NO_ATTACHMENTS: readonly Buffer[] = [];

/** An event for many clients. It is encoded once for all of them. */
export class EncodedEvent {
  readonly namespace: string;
  /**
   * The event as a Socket.IO packet. It is a string if this gateway encoded it, and UTF-8 bytes if another gateway did.
   */
  readonly text: string | Buffer;
  /** The event's binary values. Each follows the text as a packet of its own. */
  readonly attachments: readonly Buffer[];
  readonly audience: Audience;
  readonly flags: EventFlags;
  #packet: Packet | undefined;
  #frame: Buffer | undefined;
  #texts: (string | Buffer)[] | undefined;
  #packetOptions: PacketOptions | undefined;

  constructor({ namespace, text, attachments = NO_ATTACHMENTS, audience, flags, packet }: Fields) {
    this.namespace = namespace;
    this.text = text;
    this.attachments = attachments;
    this.audience = audience;
    this.flags = flags;
    this.#packet = packet;
  }

  /** Whether the event is dropped for a client to which it cannot be written at once. */
  get isVolatile(): boolean {
    return this.flags.volatile === true;
  }

  /** Whether recovery stores the event and sends it again to a client that reconnects and has missed it. */
  get isKept(): boolean {
    return !this.isVolatile && this.flags.unkept !== true;
  }

  /** The complete WebSocket frame. Undefined for an event with attachments, which needs several frames. */
  get frame(): Buffer | undefined {
    if (this.attachments.length > 0) return undefined;
    return (this.#frame ??= typeof this.text === "string" ? textFrame(`4${this.text}`) : messageFrame(this.text));
  }

  /**
   * The decoded packet, for Socket.IO's listeners to outgoing packets. If another gateway encoded the event, this
   * parses the text.
   */
  get packet(): Packet {
    return (this.#packet ??= this.#parse());
  }

  /** The text and the attachments, in the form in which Socket.IO passes them to engine.io. */
  get texts(): readonly (string | Buffer)[] {
    return (this.#texts ??= [this.text.toString(), ...this.attachments]);
  }

  get packetOptions(): PacketOptions {
    return (this.#packetOptions ??= this.#optionsForEngine());
  }

  /** A copy of the event with one more argument. The argument must not contain characters that JSON escapes. */
  endingWith(argument: string): EncodedEvent {
    return new EncodedEvent({
      namespace: this.namespace,
      text: endingWith(this.text, argument),
      attachments: this.attachments,
      audience: this.audience,
      flags: this.flags,
    });
  }

  #optionsForEngine(): PacketOptions {
    const { compress } = this.flags;
    const { frame } = this;
    return {
      preEncoded: true,
      volatile: this.isVolatile,
      ...(compress === undefined ? {} : { compress }),
      ...(frame === undefined ? {} : { wsPreEncodedFrame: [frame] }),
    };
  }

  #parse(): Packet {
    const headLength = this.namespace === "/" ? 1 : this.namespace.length + 2;
    const data = JSON.parse(this.text.toString().slice(headLength)) as unknown[];
    return { type: EVENT, nsp: this.namespace, data };
  }
}

/**
 * Adds an argument to an event's text. The text ends with the JSON list of arguments. The argument must not contain
 * characters that JSON escapes.
 */
export function endingWith<T extends string | Buffer>(text: T, argument: string): T;
export function endingWith(text: string | Buffer, argument: string): string | Buffer {
  const end = `,"${argument}"]`;
  if (typeof text === "string") return text.slice(0, -1) + end;
  const longer = Buffer.allocUnsafe(text.length - 1 + end.length);
  text.copy(longer, 0, 0, text.length - 1);
  longer.write(end, text.length - 1, "latin1");
  return longer;
}

/** socket.io-parser's PacketType.EVENT, an event without attachments. */
const EVENT = 2;

/** Encodes an event packet. The packet's `nsp` must be set. */
export function encodeEvent(
  encoder: PacketEncoder,
  packet: Packet,
  audience: Audience,
  flags: EventFlags,
): EncodedEvent {
  const [text, ...attachments] = encoder.encode(packet);
  return new EncodedEvent({ namespace: packet.nsp!, text, attachments, audience, flags, packet });
}
