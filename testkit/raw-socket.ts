import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** Opens a WebSocket without a WebSocket library. So a test can write any frames, and can stop reading. */
export async function openRawSocket({ publicPort }: { publicPort: number }): Promise<Socket> {
  const socket = await openTcp({ publicPort });
  const key = randomBytes(16).toString("base64");
  socket.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  const answer = await new Promise<string>((resolve, reject) => {
    socket.once("data", (data) => resolve(data.toString("latin1")));
    socket.once("close", () => reject(new Error("closed before it was upgraded")));
  });
  if (!answer.startsWith("HTTP/1.1 101")) throw new Error(answer.split("\r\n", 1)[0]);
  socket.resume();
  return socket;
}

/** Opens a TCP connection and sends nothing. Errors of the socket after it has connected are ignored. */
export async function openTcp({ publicPort }: { publicPort: number }): Promise<Socket> {
  const socket = connect(publicPort, "127.0.0.1");
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return socket.on("error", () => undefined);
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Encodes one WebSocket frame (RFC 6455 §5.2). The mask is zero, so the payload stays readable. */
export function frame(opcode: number, payload: Buffer | string = "", { isLast = true, isMasked = true } = {}): Buffer {
  const body = Buffer.from(payload);
  const mask = isMasked ? 0x80 : 0;
  const first = (isLast ? 0x80 : 0) | opcode;
  const length =
    body.length < 126
      ? [mask | body.length]
      : body.length < 65_536
        ? [mask | 126, body.length >> 8, body.length & 255]
        : [mask | 127, 0, 0, 0, 0, ...be32(body.length)];
  return Buffer.concat([Buffer.from([first, ...length, ...(isMasked ? [0, 0, 0, 0] : [])]), body]);
}

/**
 * Writes the chunk again and again until the server closes the socket, `isOver` settles or `most` is reached. Waits
 * while the kernel's send buffer is full, so that Node does not buffer the data in this process. Returns the number of
 * writes.
 */
export async function writeUntil(
  socket: Socket,
  chunk: Buffer,
  most: number,
  isOver: Promise<unknown>,
): Promise<number> {
  let over = false;
  const closed = Promise.race([closing(socket), isOver]).then(() => (over = true));
  let count = 0;
  while (count < most && !over) {
    count += 1;
    if (socket.write(chunk)) await new Promise((resolve) => setImmediate(resolve));
    else await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), closed]);
  }
  return count;
}

export function closing(socket: Socket): Promise<void> {
  return socket.destroyed ? Promise.resolve() : new Promise((resolve) => void socket.once("close", () => resolve()));
}

function be32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
