/**
 * Reads the bytes that a server sends after its answer to the upgrade request, and returns the payload of each
 * WebSocket frame. It supports neither masks nor fragments, because the servers in this benchmark send neither.
 */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #isUpgraded: boolean;
  readonly #onText: (text: Buffer) => void;
  readonly #onUpgrade: (() => void) | undefined;

  constructor(
    onText: (text: Buffer) => void,
    state: "before upgrade" | "upgraded" = "before upgrade",
    onUpgrade?: () => void,
  ) {
    this.#onText = onText;
    this.#onUpgrade = onUpgrade;
    this.#isUpgraded = state === "upgraded";
  }

  read(data: Buffer): void {
    // Copy the bytes of the incomplete frame, because the next read overwrites the buffer.
    let bytes = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    if (!this.#isUpgraded) {
      const end = bytes.indexOf("\r\n\r\n");
      if (end >= 0) {
        const status = bytes.toString("latin1", 9, 12);
        if (status !== "101") throw new Error(`the server answered the upgrade with ${status}`);
        this.#isUpgraded = true;
        bytes = bytes.subarray(end + 4);
        this.#onUpgrade?.();
      }
    }
    if (this.#isUpgraded) bytes = this.#frames(bytes);
    this.#rest = Buffer.from(bytes);
  }

  #frames(bytes: Buffer): Buffer {
    for (;;) {
      if (bytes.length < 2) return bytes;
      const short = bytes[1]! & 0x7f;
      const headerBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length < headerBytes) return bytes;
      const payloadBytes = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : bytes.readUIntBE(4, 6);
      const end = headerBytes + payloadBytes;
      if (bytes.length < end) return bytes;
      if ((bytes[0]! & 0x0f) === 1) this.#onText(bytes.subarray(headerBytes, end));
      bytes = bytes.subarray(end);
    }
  }
}
