import { connect, type Socket } from "node:net";
import { FrameReader } from "./frame-reader.ts";

/**
 * Size of the read buffer. All clients share one buffer, because a client parses its bytes before the next client
 * reads.
 */
const READ_BUFFER_BYTES = 256 * 1024;

export interface LightClientOptions {
  port: number;
  namespace: string;
  /** The token of the user. The client sends it in the auth payload of Socket.IO's CONNECT packet, as {token}. */
  token?: string;
  /** More fields of the auth payload of Socket.IO's CONNECT packet. */
  auth?: Record<string, unknown>;
  /**
   * Called with the answer to CONNECT and with every event after it. Without this function, the client ignores them.
   */
  onPacket?: (packet: string) => void;
}

/**
 * A Socket.IO client that uses little CPU time of the load generator. After the handshake it passes the text of each
 * frame to a callback, or ignores everything that it receives.
 */
export class LightClient {
  readonly socket: Socket;
  onText: ((text: Buffer) => void) | undefined;
  /** Called when the connection has ended. `error` is the reason, if it is known. */
  onClose: ((error?: Error) => void) | undefined;
  protected reader: FrameReader | undefined;

  protected constructor(port: number, buffer: Buffer, onConnect: () => void) {
    let failure: Error | undefined;
    this.socket = dial(port, buffer, (data) => this.reader?.read(data), onConnect);
    this.socket.on("error", (error) => (failure = error));
    this.socket.once("close", () => this.onClose?.(failure));
  }

  /** Opens a TCP connection without any handshake, for servers that have no protocol. */
  static openBare(port: number, buffer: Buffer): Promise<LightClient> {
    return new Promise((resolve, reject) => {
      const client: LightClient = new LightClient(port, buffer, () => resolve(client));
      client.socket.once("error", reject);
    });
  }

  /**
   * Upgrades to WebSocket, opens Engine.IO and enters the namespace. If the server refuses, rejects with its reason.
   */
  static open(options: LightClientOptions, buffer: Buffer): Promise<LightClient> {
    return new Promise((resolve, reject) => {
      const prefix = options.namespace === "/" ? "" : `${options.namespace},`;
      const client: LightClient = new LightClient(options.port, buffer, () =>
        client.upgrade("/socket.io/?EIO=4&transport=websocket"),
      );
      client.reader = new FrameReader((text) => {
        const packet = text.toString();
        if (packet.startsWith("0"))
          client.send(`40${prefix}${JSON.stringify({ token: options.token, ...options.auth })}`);
        else if (packet.startsWith("42")) options.onPacket?.(packet);
        else if (packet.startsWith("40")) {
          if (options.onPacket === undefined) client.reader = undefined;
          options.onPacket?.(packet);
          resolve(client);
        } else if (packet.startsWith("44")) {
          client.socket.destroy();
          reject(new Error(`the server refused the connection: ${packet.slice(0, 200)}`));
        }
      });
      client.socket.once("error", reject);
      client.socket.once("close", () => reject(new Error("the server closed the connection")));
    });
  }

  /** From now on, calls `onText` with the payload of every frame. The buffer is valid only during the call. */
  readTexts(onText: (text: Buffer) => void): void {
    this.reader = new FrameReader(onText, "upgraded");
  }

  ignoreTexts(): void {
    this.reader = undefined;
  }

  protected upgrade(path: string): void {
    this.socket.write(upgradeRequest(this.socket.remotePort!, path));
  }

  send(text: string): void {
    this.socket.write(maskedFrame(text));
  }
}

export const readBuffer = (): Buffer => Buffer.allocUnsafe(READ_BUFFER_BYTES);

function dial(port: number, buffer: Buffer, onRead: (data: Buffer) => void, onConnect: () => void): Socket {
  const onread = {
    buffer,
    callback: (bytes: number, data: Uint8Array) => {
      try {
        onRead((data as Buffer).subarray(0, bytes));
      } catch (error) {
        socket.destroy(error as Error);
      }
      return true;
    },
  };
  const socket: Socket = connect({ host: "127.0.0.1", port, noDelay: true, onread }, onConnect);
  return socket;
}

function upgradeRequest(port: number, path: string): string {
  const headers = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
  ];
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headers.join("\r\n")}\r\n\r\n`;
}

/** A client's frame with a mask of zeros, which keeps the payload readable. */
export function maskedFrame(text: string): Buffer {
  const bytes = Buffer.byteLength(text);
  const isShort = bytes < 126;
  const frame = Buffer.alloc((isShort ? 6 : 8) + bytes);
  frame[0] = 0x81;
  frame[1] = 0x80 | (isShort ? bytes : 126);
  if (!isShort) frame.writeUInt16BE(bytes, 2);
  frame.write(text, isShort ? 6 : 8);
  return frame;
}
