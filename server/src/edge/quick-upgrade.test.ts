import { once } from "node:events";
import { createServer, type IncomingMessage, type Server as HttpServer } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, expect, test } from "@jest/globals";
import { Server as EngineServer, type Socket as EngineSocket } from "engine.io";
import { offerFirstBytes } from "./first-bytes.ts";
import { quickUpgrade, takesQuickUpgrades } from "./quick-upgrade.ts";
import { usualUpgrade } from "./usual-upgrade.ts";

const open: (() => unknown)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

async function start(way: "quick" | "ordinary"): Promise<{ port: number; engine: EngineServer }> {
  const engine = new EngineServer({ transports: ["websocket"] });
  const http: HttpServer = createServer();
  if (way === "quick") {
    offerFirstBytes(http, (wire, bytes) => {
      const upgrade = takesQuickUpgrades(engine) ? usualUpgrade(bytes) : undefined;
      if (upgrade !== undefined) quickUpgrade(engine, upgrade, wire, () => undefined);
      return upgrade !== undefined;
    });
  }
  http.on("upgrade", (request: IncomingMessage, wire: Duplex, head: Buffer) =>
    engine.handleUpgrade(request, wire, head),
  );
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  open.push(
    () => engine.close(),
    () => http.close(),
  );
  return { port: (http.address() as AddressInfo).port, engine };
}

const headers = [
  "Host: x",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
];
const asked = (line: string, lines: readonly string[] = headers): string =>
  `${line} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
const USUAL = "GET /socket.io/?EIO=4&transport=websocket";

/**
 * All bytes up to engine.io's first packet, or until the server closes the TCP socket. A fixed text replaces the ids.
 */
async function answerTo(port: number, text: string): Promise<string> {
  const wire: Socket = connect(port, "127.0.0.1", () => wire.write(text));
  let bytes = "";
  for await (const chunk of wire as AsyncIterable<Buffer>) {
    bytes += chunk.toString("latin1");
    if (bytes.includes('"maxPayload"')) break;
  }
  wire.destroy();
  return bytes.replace(/"sid":"[^"]+"/, '"sid":"…"');
}

const requests: Record<string, string> = {
  "a stock client's upgrade": asked(USUAL),
  "a query with a timestamp": asked(`${USUAL}&t=abc`),
  "a query in another order": asked("GET /socket.io/?transport=websocket&EIO=4"),
  "the third protocol": asked("GET /socket.io/?EIO=3&transport=websocket"),
  "a transport that there is not": asked("GET /socket.io/?EIO=4&transport=pigeon"),
  "a session that there is not": asked(`${USUAL}&sid=abc`),
  "another method": asked(USUAL.replace("GET", "POST")),
  "no key": asked(USUAL, headers.slice(0, 4)),
  "another version of WebSocket": asked(
    USUAL,
    headers.map((line) => line.replace("13", "7")),
  ),
  "an upgrade to something else": asked(
    USUAL,
    headers.map((line) => line.replace("websocket", "h2c")),
  ),
};

test.each(Object.entries(requests))("%s is answered as engine.io would", async (_sentence, text) => {
  const quick = await start("quick");
  const slow = await start("ordinary");
  const want = await answerTo(slow.port, text);
  expect(await answerTo(quick.port, text)).toBe(want);
  expect(want).toMatch(/^HTTP\/1\.1 \d/);
});

test("handles a stock client's upgrade, and passes any other one to engine.io", async () => {
  const { port, engine } = await start("quick");
  let passed = 0;
  const handleUpgrade = engine.handleUpgrade.bind(engine);
  engine.handleUpgrade = (...args: Parameters<EngineServer["handleUpgrade"]>) => {
    passed += 1;
    handleUpgrade(...args);
  };
  await answerTo(port, asked(USUAL));
  expect(passed).toBe(0);
  await answerTo(port, asked(`${USUAL}&t=abc`));
  expect(passed).toBe(1);
});

test("passes requests to engine.io when it has a middleware", async () => {
  const { port, engine } = await start("quick");
  let middlewareCalls = 0;
  engine.use((_request: unknown, _response: unknown, next: () => void) => {
    middlewareCalls += 1;
    next();
  });
  await answerTo(port, asked(USUAL));
  expect(middlewareCalls).toBe(1);
});

test("keeps headers that other code adds to the answer", async () => {
  const { port, engine } = await start("quick");
  engine.on("headers", (more: Record<string, string>) => (more["x-more"] = "yes"));
  expect(await answerTo(port, asked(USUAL))).toContain("x-more: yes");
});

test("lets no client in when the engine is closing", async () => {
  const { port, engine } = await start("quick");
  engine.close();
  expect(await answerTo(port, asked(USUAL))).toMatch(/^HTTP\/1\.1 503 /);
});

test("keeps only the parts of the request that the gateway reads", async () => {
  const { port, engine } = await start("quick");
  const connected = once(engine, "connection") as Promise<[EngineSocket]>;
  await answerTo(port, asked(USUAL, [...headers, "Origin: https://a.example.com", "Cookie: a=b"]));
  const [socket] = await connected;
  expect(socket.request.headers).toMatchObject({ host: "x", origin: "https://a.example.com" });
  expect(socket.request.headers).not.toHaveProperty("cookie");
  expect(socket.remoteAddress).toBe("127.0.0.1");
});

test("the engine counts a connection until it closes", async () => {
  const { port, engine } = await start("quick");
  const connected = once(engine, "connection") as Promise<[EngineSocket]>;
  const wire = connect(port, "127.0.0.1", () => wire.write(asked(USUAL)));
  open.push(() => wire.destroy());
  const [socket] = await connected;
  expect(engine.clientsCount).toBe(1);
  const closed = once(socket, "close");
  wire.destroy();
  await closed;
  expect(engine.clientsCount).toBe(0);
  expect(Object.keys((engine as unknown as { clients: object }).clients)).toEqual([]);
});

test("the answer to the upgrade and the first packet arrive in one piece", async () => {
  const { port, engine } = await start("quick");
  const connected = once(engine, "connection");
  const wire = connect(port, "127.0.0.1", () => wire.write(asked(USUAL)));
  open.push(() => wire.destroy());
  const [first] = (await once(wire, "data")) as [Buffer];
  await connected;
  expect(first.toString("latin1")).toMatch(/^HTTP\/1\.1 101 [^]*"sid"/);
});

test("a client that hangs up without a close frame is noticed, and its last bytes are read", async () => {
  const { port, engine } = await start("quick");
  const connected = once(engine, "connection") as Promise<[EngineSocket]>;
  const wire = connect(port, "127.0.0.1", () => wire.write(asked(USUAL)));
  const [socket] = await connected;
  const message = once(socket, "message");
  const closed = once(socket, "close");
  wire.end(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x78]));
  expect(await message).toEqual(["x"]);
  expect((await closed)[0]).toBe("transport close");
});
