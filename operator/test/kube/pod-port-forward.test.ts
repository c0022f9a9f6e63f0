import { afterEach, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { httpPodPortForward } from "../../src/kube/http/pod-port-forward.ts";

let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server?.close();
});

const PORT = 9090;
const frame = (channel: number, content: Buffer | string): Buffer => {
  const payload = Buffer.concat([Buffer.of(channel), Buffer.from(content)]);
  return Buffer.concat([Buffer.of(0x82, payload.length), payload]);
};

/** Answers the upgrade and sends the port numbers in one write, as a fast kubelet may do. */
function upgraded(socket: Socket, key: string): void {
  const portNumber = Buffer.alloc(2);
  portNumber.writeUInt16LE(PORT);
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const head =
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n`;
  socket.write(Buffer.concat([Buffer.from(head), frame(0, portNumber), frame(1, portNumber)]));
}

test("reads the whole response when the port number comes with the answer to the upgrade", async () => {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.once("data", (request: Buffer) => {
      upgraded(socket, /sec-websocket-key: (\S+)/i.exec(request.toString())?.[1] ?? "");
      socket.once("data", () => socket.write(frame(0, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine")));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const pods = httpPodPortForward({
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    userAgent: "test",
    credentials: async () => ({}),
    forgetCredentials: () => undefined,
  });
  const pod = { namespace: "apps", name: "chat-server-a", port: PORT };
  expect(await pods.ask(pod, { method: "GET", path: "/livez" })).toEqual({ status: 200, text: "fine" });
});
