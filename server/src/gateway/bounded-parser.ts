import { Decoder, Encoder, PacketType } from "socket.io-parser";
import type { Packet } from "socket.io-parser";
import { boundExceeded, MAX_DEPTH, MAX_VALUES } from "../protocol/payload-bounds.ts";
import { refuse } from "../refusals.ts";
import type { Refusal } from "../refusals.ts";

/** Stands in an event's place when the text was refused before it was parsed. */
export class RefusedEvent {
  readonly refusal: Refusal;
  /** Told from the first characters only, to name it in the answer. */
  readonly event: string | undefined;

  constructor(refusal: Refusal, event: string | undefined) {
    this.refusal = refusal;
    this.event = event;
  }
}

/** The name such events travel under inside the gateway; no client can send it, since its packet would hold no RefusedEvent. */
export const REFUSED_EVENT = "refused";
const MAX_ATTACHMENTS = 8;
/** One level and two values for the packet's own list of name and payload. */
const packetBounds = { depth: MAX_DEPTH + 1, values: MAX_VALUES + 2 };

/**
 * Socket.IO's parser with bounds in front. A text beyond `maxMessageBytes` or nested too deep is never parsed, nor is one of too many values; an event keeps its
 * namespace and ack id, so that its sender gets an answer. CONNECT_ERROR for a namespace that is not there carries our code.
 */
export function boundedParser(bounds: { maxMessageBytes(): number }): { Encoder: typeof Encoder; Decoder: typeof Decoder } {
  class BoundedEncoder extends Encoder {
    override encode(packet: Packet): ReturnType<Encoder["encode"]> {
      if (packet.type === PacketType.CONNECT_ERROR && isBareRefusal(packet.data)) {
        const { message, ...data } = refuse("UNKNOWN_NAMESPACE");
        return super.encode({ ...packet, data: { message, data: { ...data, message } } });
      }
      return super.encode(packet);
    }
  }

  class BoundedDecoder extends Decoder {
    #attachedBytes = 0;

    constructor() {
      super({ maxAttachments: MAX_ATTACHMENTS });
    }

    override add(input: unknown): void {
      if (typeof input !== "string") {
        this.#attachedBytes += (input as Buffer).byteLength;
        if (this.#attachedBytes > bounds.maxMessageBytes()) throw new Error("attachments larger than a message may be");
        return super.add(input);
      }
      this.#attachedBytes = 0;
      const refusal = this.#refusalOf(input);
      if (refusal === undefined) return super.add(input);
      const packet = refusedPacket(input, refusal);
      if (packet === undefined) throw new Error(refusal.message);
      this.emitReserved("decoded", packet);
    }

    #refusalOf(text: string): Refusal | undefined {
      // Short texts cannot do harm; their shape is looked at after parsing.
      if (text.length < 256) return undefined;
      const most = bounds.maxMessageBytes();
      if (text.length > most || (text.length * 3 > most && Buffer.byteLength(text) > most)) {
        return refuse("MESSAGE_TOO_LARGE", { message: `the message is larger than ${most} bytes` });
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
  return { Encoder: BoundedEncoder, Decoder: BoundedDecoder };
}

// socket.io's own words for a namespace that nobody made.
function isBareRefusal(data: unknown): boolean {
  return typeof data === "object" && data !== null && "message" in data && data.message === "Invalid namespace" && !("data" in data);
}

/** An event's packet with its payload left out, or undefined when the text is no plain event. */
function refusedPacket(text: string, refusal: Refusal): Packet | undefined {
  const head = /^2(?:(\/[^,]{0,128}),)?(\d{1,15})?\[\s*"((?:[^"\\]|\\.){0,128})"/.exec(text.slice(0, 400));
  if (head === null) return undefined;
  const [, namespace = "/", id, event] = head;
  const data = [REFUSED_EVENT, new RefusedEvent(refusal, event)];
  return { type: PacketType.EVENT, nsp: namespace, data, ...(id === undefined ? {} : { id: Number(id) }) };
}
