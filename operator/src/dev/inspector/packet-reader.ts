import { Decoder, type Packet } from "socket.io-parser";

export interface Packets {
  /** The gateway has opened the engine.io connection. */
  onOpen?: (sid: string) => void;
  /** One side has ended the engine.io connection. */
  onClose: () => void;
  /** The client has moved from polling to this WebSocket. */
  onUpgrade?: () => void;
  onPacket: (packet: Packet) => void;
}

const OPEN = "0";
const CLOSE = "1";
const MESSAGE = "4";
const UPGRADE = "5";
const RECORD_SEPARATOR = "\x1e";

/** Reads engine.io packets of one direction of a connection, and the Socket.IO packets in them. */
export class PacketReader {
  readonly #packets: Packets;
  #decoder = new Decoder();

  constructor(packets: Packets) {
    this.#packets = packets;
    this.#decoder.on("decoded", packets.onPacket);
  }

  /** A message of a WebSocket: one packet, or an attachment as binary data. */
  add(data: string | Buffer): void {
    if (typeof data !== "string") return this.#decode(data);
    const content = data.slice(1);
    if (data.startsWith(MESSAGE)) this.#decode(content);
    else if (data.startsWith(OPEN)) this.#packets.onOpen?.(sidIn(content));
    else if (data.startsWith(CLOSE)) this.#packets.onClose();
    else if (data.startsWith(UPGRADE)) this.#packets.onUpgrade?.();
  }

  /** A body of HTTP long polling: several packets. An attachment begins with "b" and is in base64. */
  addBody(body: string): void {
    for (const packet of body.split(RECORD_SEPARATOR))
      this.add(packet.startsWith("b") ? Buffer.from(packet.slice(1), "base64") : packet);
  }

  #decode(data: string | Buffer): void {
    try {
      this.#decoder.add(data);
    } catch {
      // The packet is not valid. The gateway refuses it itself, and the next packet is read by a decoder without rests.
      this.#decoder = new Decoder();
      this.#decoder.on("decoded", this.#packets.onPacket);
    }
  }
}

function sidIn(text: string): string {
  return /"sid":"([^"]+)"/.exec(text)?.[1] ?? "";
}
