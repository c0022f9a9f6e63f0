import { Decoder, Encoder, PacketType, type Packet } from "socket.io-parser";
import { boundExceeded, MAX_DEPTH, MAX_VALUES } from "../protocol/payload-bounds.ts";
import { refuse, type Refusal } from "../protocol/refusals.ts";

/** Replaces an event whose text was refused before parsing. */
export class RefusedEvent {
  readonly refusal: Refusal;
  /** The event's name, read from the first characters. The answer needs it. */
  readonly event: string | undefined;

  constructor(refusal: Refusal, event: string | undefined) {
    this.refusal = refusal;
    this.event = event;
  }
}

/**
 * The event name that a refused event has inside the gateway. A client that sends this name gains nothing: its packet
 * contains no RefusedEvent.
 */
export const REFUSED_EVENT = "refused";
const MAX_ATTACHMENTS = 8;
/**
 * Each CONNECT creates a socket and verifies a token, and no event limit counts it. A client that sends more than this
 * on one connection must open a new one.
 */
const MOST_CONNECTS = 500;
/** The namespace, ack id and name of an event must end within this many characters. */
const HEAD_LENGTH = 400;
/** The packet's own array of name and payload adds one level, and the array and the name add two values. */
const packetBounds = { depth: MAX_DEPTH + 1, values: MAX_VALUES + 2 };

/** Attachments arrive one by one after the event's text, each as a binary frame. */
interface AttachmentsDue {
  left: number;
  bytes: number;
  /** The first characters of the event's text. */
  head: string;
  /**
   * The packet to emit instead of the event after its last attachment. Undefined while the event is within the limits.
   */
  packet: Packet | undefined;
}

export interface ParserBounds {
  maxMessageBytes(): number;
  onReceived?(bytes: number): void;
  onUnknownNamespace?(): void;
}

/**
 * Socket.IO's parser behind bounds: it never parses a text over `maxMessageBytes`, nested too deep or with too many
 * values. A refused event keeps its namespace and ack id, so that its sender gets an answer.
 */
export function boundedParser(bounds: ParserBounds): { Encoder: typeof Encoder; Decoder: typeof Decoder } {
  // Socket.IO calls these constructors without arguments.
  return {
    Encoder: class extends BoundedEncoder {
      constructor() {
        super(bounds);
      }
    },
    Decoder: class extends BoundedDecoder {
      constructor() {
        super(bounds);
      }
    },
  };
}

/** CONNECT_ERROR for a namespace that does not exist carries our code. */
class BoundedEncoder extends Encoder {
  readonly #bounds: ParserBounds;

  constructor(bounds: ParserBounds) {
    super();
    this.#bounds = bounds;
  }

  override encode(packet: Packet): ReturnType<Encoder["encode"]> {
    if (packet.type === PacketType.CONNECT_ERROR && isBareRefusal(packet.data)) {
      this.#bounds.onUnknownNamespace?.();
      const { message, ...data } = refuse("UNKNOWN_NAMESPACE");
      return super.encode({ ...packet, data: { message, data: { ...data, message } } });
    }
    return super.encode(packet);
  }
}

class BoundedDecoder extends Decoder {
  readonly #bounds: ParserBounds;
  /** The event whose attachments are still to come. */
  #due: AttachmentsDue | undefined;
  #connects = 0;
  /**
   * Socket.IO's own map of the namespaces that this connection has entered. quick-socket.ts sets it at the first
   * CONNECT.
   */
  declare entered?: ReadonlyMap<string, unknown>;
  /** True after a DISCONNECT in this turn. */
  #isLeaving = false;

  constructor(bounds: ParserBounds) {
    super({ maxAttachments: MAX_ATTACHMENTS });
    this.#bounds = bounds;
  }

  override add(input: unknown): void {
    this.#bounds.onReceived?.(typeof input === "string" ? input.length : (input as Buffer).byteLength);
    if (typeof input === "string") this.#addText(input);
    else this.#addAttachment(input as Buffer);
  }

  #addText(text: string): void {
    if (this.#due !== undefined) throw new Error("a text where an attachment is due");
    const type = text[0];
    if (type === "0" && (this.#connects += 1) > MOST_CONNECTS) throw new Error("namespaces entered without end");
    // Socket.IO's parser accepts an event that ends with its ack id and throws later, where we cannot catch it.
    if (isEvent(type) && !text.includes("[")) throw new Error("an event without a name");
    const refusal = this.#refusalOf(text);
    const packet = refusal === undefined ? undefined : refusedPacket(text, refusal);
    if (type === "0") return this.#addConnect(text);
    if (type === "1") this.#leaves();
    const left = attachmentsOf(text);
    if (left > 0) this.#due = { left, bytes: 0, head: text.slice(0, HEAD_LENGTH), packet };
    if (packet === undefined) super.add(text);
    else if (left === 0) this.emitReserved("decoded", packet);
  }

  // Delays a CONNECT after a DISCONNECT. Socket.IO handles a DISCONNECT one turn later than a CONNECT, and closes a
  // connection that enters the same namespace twice. Clients with a new token leave and enter again at once.
  #leaves(): void {
    this.#isLeaving = true;
    process.nextTick(() => (this.#isLeaving = false));
  }

  // A client may repeat its CONNECT before it has the answer. The repetition gets no answer.
  #addConnect(text: string): void {
    const isIn = (namespace: string): boolean => this.entered?.has(namespace) === true;
    if (!this.#isLeaving) return isIn(namespaceOf(text)) ? undefined : super.add(text);
    const decoder = new Decoder();
    decoder.on("decoded", (packet: Packet) =>
      process.nextTick(() => void (isIn(packet.nsp) || this.emitReserved("decoded", packet))),
    );
    decoder.add(text);
  }

  #addAttachment(attachment: Buffer): void {
    const due = this.#due;
    if (due === undefined) return super.add(attachment);
    due.left -= 1;
    due.bytes += attachment.byteLength;
    if (due.left === 0) this.#due = undefined;
    const most = this.#bounds.maxMessageBytes();
    if (due.packet === undefined && due.bytes > most) {
      due.packet = refusedPacket(due.head, tooLarge(most));
      // Drops the attachments received so far; later ones are not kept.
      super.destroy();
    }
    if (due.packet === undefined) super.add(attachment);
    else if (due.left === 0) this.emitReserved("decoded", due.packet);
  }

  #refusalOf(text: string): Refusal | undefined {
    // A short text can do no harm here. Its shape is checked after parsing.
    if (text.length < 256) return undefined;
    const most = this.#bounds.maxMessageBytes();
    if (text.length > most || (text.length * 3 > most && Buffer.byteLength(text) > most)) {
      return tooLarge(most);
    }
    switch (boundExceeded(text, packetBounds)) {
      case "depth":
        return refuse("INVALID_INPUT", { message: `the payload is nested deeper than ${MAX_DEPTH} levels` });
      case "values":
        return refuse("INVALID_INPUT", { message: `the payload holds more than ${MAX_VALUES} values` });
      case undefined:
        return undefined;
    }
  }
}

// Whether this is Socket.IO's own refusal of an unknown namespace.
function isBareRefusal(data: unknown): boolean {
  return (
    typeof data === "object" &&
    data !== null &&
    "message" in data &&
    data.message === "Invalid namespace" &&
    !("data" in data)
  );
}

function isEvent(type: string | undefined): boolean {
  return type === "2" || type === "5";
}

function tooLarge(most: number): Refusal {
  return refuse("MESSAGE_TOO_LARGE", { message: `the message is larger than ${most} bytes` });
}

/** The namespace of a CONNECT, found as Socket.IO's parser finds it. */
function namespaceOf(text: string): string {
  return /^0(\/[^,]*)/.exec(text)?.[1] ?? "/";
}

/** The number of attachments after a text. Throws when it is more than any event needs. */
function attachmentsOf(text: string): number {
  if (text[0] !== "5" && text[0] !== "6") return 0;
  const count = Number(/^[56](\d{1,9})-/.exec(text)?.[1] ?? 0);
  if (count > MAX_ATTACHMENTS) throw new Error("too many attachments");
  return count;
}

/** An event's packet without its payload. Throws when the text is not an event: then there is nothing to answer. */
function refusedPacket(text: string, refusal: Refusal): Packet {
  const head = /^(?:2|5\d{1,9}-)(?:(\/[^,]{0,128}),)?(\d{1,15})?\[\s*"((?:[^"\\]|\\.){0,128})"/.exec(
    text.slice(0, HEAD_LENGTH),
  );
  if (head === null) throw new Error(refusal.message);
  const [, namespace = "/", id, event] = head;
  const data = [REFUSED_EVENT, new RefusedEvent(refusal, event)];
  return { type: PacketType.EVENT, nsp: namespace, data, ...(id === undefined ? {} : { id: Number(id) }) };
}
