import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A TCP proxy that records the bytes that clients send. Tests use it to prove that clients send nothing but TLS. */
export interface TlsRecorder {
  port: number;
  /** Sets the port of the server behind the proxy. Before this call, the proxy forwards nothing. */
  forwardTo(port: number): void;
  /** Number of connections on which a client sent something. */
  connections(): number;
  /** The first bytes, as text, of each connection on which a client sent something other than TLS. */
  inClear(): string[];
  close(): void;
}

export async function tlsRecorder(): Promise<TlsRecorder> {
  const sent: Buffer[][] = [];
  const open = new Set<Socket>();
  let target: number | undefined;
  const server = createServer((near) => {
    const chunks: Buffer[] = [];
    sent.push(chunks);
    near.on("data", (chunk: Buffer) => chunks.push(chunk));
    const far = target === undefined ? undefined : connect(target, "127.0.0.1");
    const end = () => {
      near.destroy();
      far?.destroy();
      open.delete(near);
    };
    open.add(near);
    for (const socket of [near, far]) socket?.on("error", end).on("close", end);
    if (far === undefined) return;
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const streams = () => sent.map((chunks) => Buffer.concat(chunks)).filter(({ length }) => length > 0);
  return {
    port: (server.address() as AddressInfo).port,
    forwardTo: (port) => void (target = port),
    connections: () => streams().length,
    inClear: () =>
      streams()
        .filter((bytes) => !isTls(bytes))
        .map((bytes) => bytes.subarray(0, 80).toString("latin1")),
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const HEADER_BYTES = 5;

/**
 * Whether the bytes start with a TLS ClientHello and consist only of TLS records. A record is type, version 3.x, length
 * and content (RFC 8446 §5.1).
 */
export function isTls(bytes: Buffer): boolean {
  if (bytes[0] !== HANDSHAKE || (bytes.length > HEADER_BYTES && bytes[HEADER_BYTES] !== CLIENT_HELLO)) return false;
  for (let at = 0; at + HEADER_BYTES <= bytes.length; at += HEADER_BYTES + bytes.readUInt16BE(at + 3)) {
    if (bytes[at]! < 20 || bytes[at]! > 23 || bytes[at + 1] !== 3) return false;
  }
  return true;
}
