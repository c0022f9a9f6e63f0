import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "@jest/globals";
import { offerFirstBytes } from "./first-bytes.ts";

const open: (() => unknown)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

/** An HTTP server that reports the method, path and body of each request. `take` takes bytes that begin with "mine". */
async function start({
  silenceMs,
  onClientError,
}: { silenceMs?: number; onClientError?: (error: NodeJS.ErrnoException, wire: Duplex) => void } = {}): Promise<{
  dial: () => Socket;
  taken: string[];
}> {
  const taken: string[] = [];
  const server: Server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void text(request).then((body) => response.end(`${request.method} ${request.url} ${body};`));
  });
  if (onClientError !== undefined) server.on("clientError", onClientError);
  const take = (wire: Socket, bytes: Buffer): boolean => {
    const isMine = bytes.toString("latin1").startsWith("mine");
    if (isMine) {
      taken.push(bytes.toString("latin1"));
      wire.end("taken");
    }
    return isMine;
  };
  offerFirstBytes(server, take, silenceMs);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const { port } = server.address() as AddressInfo;
  const dial = (): Socket => {
    const wire = connect(port, "127.0.0.1");
    wire.on("error", () => {});
    open.push(() => wire.destroy());
    return wire;
  };
  return { dial, taken };
}

/** Reads until the text `wanted` has arrived or the TCP socket ends. */
async function read(wire: Socket, wanted: string): Promise<string> {
  let all = "";
  for await (const chunk of wire.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    all += chunk.toString("latin1");
    if (all.includes(wanted)) break;
  }
  return all;
}

test("bytes that are taken never reach the HTTP server", async () => {
  const { dial, taken } = await start();
  const wire = dial();
  wire.write("mine, and more");
  expect(await read(wire, "taken")).toBe("taken");
  expect(taken).toEqual(["mine, and more"]);
});

test("bytes that are not taken are read as an ordinary request with its body, and so is the next request of the socket", async () => {
  const { dial } = await start();
  const wire = dial();
  wire.write("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel");
  wire.write("lo");
  expect(await read(wire, "POST /a hello;")).toMatch(/^HTTP\/1\.1 200 /);
  wire.write("POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n");
  expect(await read(wire, "POST /b yes;")).toMatch(/^HTTP\/1\.1 200 /);
});

test("requests that come together are answered one after the other", async () => {
  const { dial } = await start();
  const wire = dial();
  wire.write("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  expect((await read(wire, "GET /b ;")).match(/GET \/\w/g)).toEqual(["GET /a", "GET /b"]);
});

test("a request that comes byte by byte is read by the HTTP server", async () => {
  const { dial, taken } = await start();
  const wire = dial();
  wire.setNoDelay(true);
  for (const byte of "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n") await new Promise((resolve) => wire.write(byte, resolve));
  expect(await read(wire, "GET /slow ;")).toMatch(/^HTTP\/1\.1 200 /);
  expect(taken).toEqual([]);
});

test("bytes that are not HTTP are refused by the HTTP server", async () => {
  const { dial } = await start();
  const wire = dial();
  wire.write("nonsense\r\n\r\n");
  expect(await read(wire, "\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
});

test.each(["hangs up", "resets the socket"])(
  "a client that %s before it has said anything is forgotten, and the next one is served",
  async (how) => {
    const { dial } = await start();
    const wire = dial();
    await once(wire, "connect");
    if (how === "hangs up") {
      wire.end();
      wire.resume();
      await once(wire, "close");
    } else wire.resetAndDestroy();
    const next = dial();
    next.write("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await read(next, "GET /next ;")).toMatch(/^HTTP\/1\.1 200 /);
  },
);

test("disconnects a client that sends nothing", async () => {
  const { dial } = await start({ silenceMs: 20 });
  expect(await read(dial(), "never")).toBe("");
});

test("answers a client that sends nothing as Node answers an incomplete request", async () => {
  const { dial } = await start({ silenceMs: 20, onClientError: ({ code }, wire) => wire.end(code) });
  expect(await read(dial(), "never")).toBe("ERR_HTTP_REQUEST_TIMEOUT");
});

test("throws when other code already handles the connections of the HTTP server", () => {
  const server = createServer();
  server.on("connection", () => undefined);
  expect(() => offerFirstBytes(server, () => false)).toThrow("other listeners");
});
