import type { BroadcastOptions } from "socket.io-adapter";
import type { PacketEncoder } from "../internals/socket-io.ts";
import type { Packet, PacketOptions } from "../internals/socket-io-adapter.ts";
import { messageFrame, textFrame } from "./fanout/frame.ts";

/** The members of any of these rooms (no room: the whole namespace), without the members of the excepted rooms. */
export interface Audience {
  readonly rooms: ReadonlySet<string>;
  readonly except: ReadonlySet<string>;
}

/** As Socket.IO's broadcast operator sets them. */
export type EventFlags = NonNullable<BroadcastOptions["flags"]>;

interface Fields {
  namespace: string;
  text: string | Buffer;
  attachments?: readonly Buffer[];
  audience: Audience;
  flags: EventFlags;
  packet?: Packet;
}

const NO_ATTACHMENTS: readonly Buffer[] = [];

/** An event that is on its way to the members of rooms, encoded once for all of them. */
export class EncodedEvent {
  readonly namespace: string;
  /** Socket.IO's packet: a string where it was encoded here, UTF-8 where another gateway has encoded it. */
  readonly text: string | Buffer;
  /** The event's binary values, which follow the text as packets of their own. */
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

  /** Worth nothing when it is late: dropped for a member that cannot take it now. */
  get isVolatile(): boolean {
    return this.flags.volatile === true;
  }

  /** The whole WebSocket frame; undefined where attachments have to follow. */
  get frame(): Buffer | undefined {
    if (this.attachments.length > 0) return undefined;
    return (this.#frame ??= typeof this.text === "string" ? textFrame(`4${this.text}`) : messageFrame(this.text));
  }

  /** The packet for listeners to outgoing packets. Parses what another gateway has encoded. */
  get packet(): Packet {
    return (this.#packet ??= this.#parse());
  }

  /** The packets as Socket.IO hands them to engine.io. */
  get texts(): readonly (string | Buffer)[] {
    return (this.#texts ??= [this.text.toString(), ...this.attachments]);
  }

  get packetOptions(): PacketOptions {
    return (this.#packetOptions ??= this.#optionsForEngine());
  }

  /** The same event with one more argument, a string that needs no escapes. */
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

/** An event's text, which ends with its list of arguments, with one more. */
export function endingWith<T extends string | Buffer>(text: T, argument: string): T;
export function endingWith(text: string | Buffer, argument: string): string | Buffer {
  const end = `,"${argument}"]`;
  if (typeof text === "string") return text.slice(0, -1) + end;
  const longer = Buffer.allocUnsafe(text.length - 1 + end.length);
  text.copy(longer, 0, 0, text.length - 1);
  longer.write(end, text.length - 1, "latin1");
  return longer;
}

/** socket.io-parser's PacketType.EVENT, which holds no attachments. */
const EVENT = 2;

/** Encodes an event's packet, whose `nsp` must be set. */
export function encodeEvent(
  encoder: PacketEncoder,
  packet: Packet,
  audience: Audience,
  flags: EventFlags,
): EncodedEvent {
  const [text, ...attachments] = encoder.encode(packet);
  return new EncodedEvent({ namespace: packet.nsp!, text, attachments, audience, flags, packet });
}
