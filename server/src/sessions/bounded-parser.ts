import { Decoder, Encoder, PacketType, type Packet } from "socket.io-parser";
import { boundExceeded, MAX_DEPTH, MAX_VALUES } from "../protocol/payload-bounds.ts";
import { refuse, type Refusal } from "../protocol/refusals.ts";

/** The argument of an event that was refused before its text was parsed. */
export class RefusedEvent {
  readonly refusal: Refusal;
  /** The event's name, read from the first characters of the text. The answer to the client names it. */
  readonly event: string | undefined;

  constructor(refusal: Refusal, event: string | undefined) {
    this.refusal = refusal;
    this.event = event;
  }
}

/**
 * The name under which the gateway handles a refused event. A client that sends an event with this name gains nothing,
 * because its event has no RefusedEvent as argument.
 */
export const REFUSED_EVENT = "refused";
const MAX_ATTACHMENTS = 8;
/**
 * Maximum number of CONNECTs on one connection; a client that sends more is disconnected. Each CONNECT creates a socket
 * and verifies a token, and the event limits do not count it.
 */
const MOST_CONNECTS = 500;
/** The namespace, the ack id and the event name must be in this many characters at the beginning of the text. */
const HEAD_LENGTH = 400;
/**
 * Bounds for the whole packet. The array around event name and payload adds one level. This array and the name add two
 * values.
 */
const packetBounds = { depth: MAX_DEPTH + 1, values: MAX_VALUES + 2 };

/** The attachments of one event that have not arrived yet. Each arrives as a binary frame after the event's text. */
interface AttachmentsDue {
  left: number;
  bytes: number;
  /** The first characters of the event's text. */
  head: string;
  /**
   * The packet that is handled instead of a refused event, after the last attachment has arrived. Undefined while the
   * event is within the limits.
   */
  packet: Packet | undefined;
}

export interface ParserBounds {
  maxMessageBytes(): number;
  onReceived?(bytes: number): void;
  onUnknownNamespace?(): void;
}

/**
 * Socket.IO's parser with limits. It does not parse a text that is longer than `maxMessageBytes`, is nested too deep,
 * or has too many values. A refused event keeps its namespace and ack id, so that the client gets an answer.
 */
export function boundedParser(bounds: ParserBounds): { Encoder: typeof Encoder; Decoder: typeof Decoder } {
  // Socket.IO calls these constructors without arguments, so pass the bounds here.
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

/** Adds our refusal code to the CONNECT_ERROR that Socket.IO sends for an unknown namespace. */
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
  /** The event whose attachments have not all arrived yet. */
  #due: AttachmentsDue | undefined;
  #connects = 0;
  /**
   * Socket.IO's map of the namespaces that this connection has entered. quick-socket.ts sets it at the first CONNECT.
   */
  declare entered?: ReadonlyMap<string, unknown>;
  /** True from a DISCONNECT until the end of the current callback of the event loop. */
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
    if (this.#due !== undefined) throw new Error("a text frame in place of a binary attachment");
    const type = text[0];
    if (type === "0" && (this.#connects += 1) > MOST_CONNECTS) throw new Error("namespaces entered without end");
    // Refuse an event that ends after its ack id. Socket.IO's parser accepts it, and throws later where we cannot catch
    // it.
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

  // Delays a CONNECT that directly follows a DISCONNECT, as a client with a new token sends them. Socket.IO handles a
  // DISCONNECT one tick later than a CONNECT, and closes a connection that enters a namespace twice.
  #leaves(): void {
    this.#isLeaving = true;
    process.nextTick(() => (this.#isLeaving = false));
  }

  // Ignores a CONNECT for a namespace that the client is in already. A client can repeat its CONNECT before it has the
  // answer.
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
      // Drop the attachments that have arrived. Later ones are not stored.
      super.destroy();
    }
    if (due.packet === undefined) super.add(attachment);
    else if (due.left === 0) this.emitReserved("decoded", due.packet);
  }

  #refusalOf(text: string): Refusal | undefined {
    // A short text can do no harm in the parser. After parsing, the shape of its payload is checked.
    if (text.length < 256) return undefined;
    const most = this.#bounds.maxMessageBytes();
    if (text.length > most || (text.length * 3 > most && Buffer.byteLength(text) > most)) {
      return tooLarge(most);
    }
    switch (boundExceeded(text, packetBounds)) {
      case "depth":
        return refuse("INVALID_INPUT", { message: `the payload is nested deeper than ${MAX_DEPTH} levels` });
      case "values":
        return refuse("INVALID_INPUT", { message: `the payload contains more than ${MAX_VALUES} values` });
      case undefined:
        return undefined;
    }
  }
}

// Whether this is the error that Socket.IO itself sends for an unknown namespace.
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

/** The namespace of a CONNECT, read in the same way as by Socket.IO's parser. */
function namespaceOf(text: string): string {
  return /^0(\/[^,]*)/.exec(text)?.[1] ?? "/";
}

/** The number of attachments that follow a text. Throws if it is more than any event needs. */
function attachmentsOf(text: string): number {
  if (text[0] !== "5" && text[0] !== "6") return 0;
  const count = Number(/^[56](\d{1,9})-/.exec(text)?.[1] ?? 0);
  if (count > MAX_ATTACHMENTS) throw new Error("too many attachments");
  return count;
}

/**
 * The packet of a refused event, without its payload. Throws if the text is not an event, because then no answer is
 * possible.
 */
function refusedPacket(text: string, refusal: Refusal): Packet {
  const head = /^(?:2|5\d{1,9}-)(?:(\/[^,]{0,128}),)?(\d{1,15})?\[\s*"((?:[^"\\]|\\.){0,128})"/.exec(
    text.slice(0, HEAD_LENGTH),
  );
  if (head === null) throw new Error(refusal.message);
  const [, namespace = "/", id, event] = head;
  const data = [REFUSED_EVENT, new RefusedEvent(refusal, event)];
  return { type: PacketType.EVENT, nsp: namespace, data, ...(id === undefined ? {} : { id: Number(id) }) };
}
