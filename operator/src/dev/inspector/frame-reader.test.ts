import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { expect, test } from "@jest/globals";
import { WebSocket, WebSocketServer } from "ws";
import { FrameReader } from "./frame-reader.ts";

/** What a real client and a real server of ws send to each other, as the bytes of each direction. */
async function recorded(): Promise<{ fromClient: Buffer; fromGateway: Buffer }> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const chunks: Record<"fromClient" | "fromGateway", Buffer[]> = { fromClient: [], fromGateway: [] };
  const proxy = createServer((inbound) => {
    const onward = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const pass = (from: Socket, to: Socket, seen: Buffer[]): void => {
      from.on("data", (chunk: Buffer) => {
        seen.push(Buffer.from(chunk));
        to.write(chunk);
      });
      from.on("close", () => to.destroy());
    };
    pass(inbound, onward, chunks.fromClient);
    pass(onward, inbound, chunks.fromGateway);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const talk = (socket: WebSocket): void => {
    socket.send("42[1]");
    socket.send("x".repeat(300));
    socket.send("hel", { fin: false });
    socket.ping("ping");
    socket.send("lo");
    socket.send(Buffer.from("bytes"));
  };
  server.on("connection", talk);
  const client = new WebSocket(`ws://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  const received = new Promise<void>((resolve) => client.on("message", (_, isBinary) => void (isBinary && resolve())));
  await once(client, "open");
  talk(client);
  await received;
  const closed = once(client, "close");
  client.close();
  await closed;
  proxy.close();
  server.close();
  const withoutHead = (all: Buffer[]): Buffer => {
    const bytes = Buffer.concat(all);
    return bytes.subarray(bytes.indexOf("\r\n\r\n") + 4);
  };
  return { fromClient: withoutHead(chunks.fromClient), fromGateway: withoutHead(chunks.fromGateway) };
}

test("reads split and interrupted messages of both sides from chunks of every size, and changes no byte", async () => {
  const { fromClient, fromGateway } = await recorded();
  for (const [sender, bytes] of [
    ["client", fromClient],
    ["gateway", fromGateway],
  ] as const) {
    for (const size of [1, 2, 7, 64, bytes.length]) {
      const read: (string | Buffer)[] = [];
      const reader = new FrameReader(sender, (message) => read.push(message));
      const passed = Buffer.from(bytes);
      for (let at = 0; at < passed.length; at += size) reader.push(passed.subarray(at, at + size));
      expect(read).toEqual(["42[1]", "x".repeat(300), "hello", Buffer.from("bytes")]);
      expect(passed.equals(bytes)).toBe(true);
    }
  }
});

test("stops at a message that is too large to keep", async () => {
  const read: unknown[] = [];
  const reader = new FrameReader("gateway", (message) => read.push(message));
  const head = Buffer.alloc(10);
  head.set([0x81, 127]);
  head.writeBigUInt64BE(10_000_000n, 2);
  reader.push(head);
  for (let sent = 0; sent < 5; sent += 1) reader.push(Buffer.alloc(1_000_000));
  reader.push(Buffer.from([0x81, 1, 0x41]));
  expect(read).toEqual([]);
});
