import { expect, test } from "@jest/globals";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { until } from "../../../testkit/until.ts";
import { connectClient } from "../../../testkit/gateway/gateway-client.ts";
import { metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { closing, openRawSocket, openTcp } from "../../../testkit/raw-socket.ts";
import { victim } from "../support/victim.ts";

const { gateway, withstands } = victim();

/** Opens `count` connections, in batches. Returns the open ones, and the number of refused ones by error message. */
async function openMany(count: number): Promise<{ open: Socket[]; refused: Map<string, number> }> {
  const open: Socket[] = [];
  const refused = new Map<string, number>();
  for (let left = count; left > 0; left -= 100) {
    const batch = await Promise.allSettled(Array.from({ length: 100 }, () => openRawSocket(gateway())));
    for (const outcome of batch) {
      if (outcome.status === "fulfilled") open.push(outcome.value);
      else refused.set(String(outcome.reason), (refused.get(String(outcome.reason)) ?? 0) + 1);
    }
  }
  return { open, refused };
}

test("limits the number of connections that never enter a namespace, and closes them after half a minute", async () => {
  await withstands(async () => {
    const droppedBefore = await dropped();
    const { open, refused } = await openMany(2_500);
    expect(await metricOf(gateway(), "realtime_half_open_connections")).toBe(1_000);
    for (const reason of refused.keys()) expect(reason).toBe("Error: HTTP/1.1 503 Refused");
    await until(
      "all to be dropped",
      async () => (await metricOf(gateway(), "realtime_half_open_connections")) === 0,
      45_000,
      100,
    );
    await Promise.all(open.map(closing));
    expect(await dropped()).toBe(droppedBefore + open.length);
  });
}, 150_000);

async function dropped(): Promise<number> {
  const counts = await Promise.all(
    ["no namespace", "made room"].map((reason) => metricOf(gateway(), "realtime_closed_total", { reason })),
  );
  return counts[0]! + counts[1]!;
}

test("lets a new client in when a thousand unused connections are open", async () => {
  const { open } = await openMany(1_200);
  const newcomer = await until(
    "a newcomer to get in",
    () => connectClient(gateway(), { user: "newcomer" }).catch(() => undefined),
    45_000,
    50,
  );
  expect(await newcomer.ask("join_room", { room: "quiet" })).toMatchObject({ success: true });
  expect(await dropped()).toBeGreaterThan(0);
  for (const socket of open) socket.destroy();
  newcomer.close();
}, 60_000);

test.each<{ name: string; request: string }>([
  { name: "refused by the public listener", request: upgrade("/admin") },
  { name: "answered that this is not HTTP", request: "\x16\x03\x01\r\n\r\n" },
  {
    name: "answered that the headers are too long",
    request: `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(100_000)}\r\n\r\n`,
  },
])(
  "who is $name and does not hang up is hung up on",
  async ({ request }) => {
    const socket = connect({ port: gateway().publicPort, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => undefined);
    socket.resume();
    socket.write(request, "latin1");
    await once(socket, "end");
    // Write a byte to find out whether the gateway has closed the connection: if so, its kernel answers with a reset.
    await until("the TCP connection to be gone", async () => socket.destroyed || !socket.write("x"), 10_000, 20);
    await closing(socket);
  },
  30_000,
);

test("closes connections that never send a request, or never end it", async () => {
  const silent = await Promise.all(Array.from({ length: 200 }, () => openTcp(gateway())));
  const dawdling = await Promise.all(Array.from({ length: 200 }, () => openTcp(gateway())));
  for (const socket of dawdling) socket.write("GET /socket.io/ HTTP/1.1\r\nHost: x\r\nX-Header: ");
  await Promise.all([...silent, ...dawdling].map((socket) => closing(socket.resume())));
}, 30_000);

test.each<{ name: string; request: string; wantStatus: number }>([
  { name: "no HTTP", request: "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03hello\r\n\r\n", wantStatus: 400 },
  {
    name: "headers without end",
    request: `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(100_000)}\r\n\r\n`,
    wantStatus: 431,
  },
  { name: "a path that is not a URL", request: "GET // HTTP/1.1\r\nHost: x\r\n\r\n", wantStatus: 404 },
  {
    name: "an upgrade to something else",
    request:
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    wantStatus: 400,
  },
  {
    name: "an upgrade of a session that does not exist",
    request: upgrade("/socket.io/?EIO=4&transport=websocket&sid=nobody"),
    wantStatus: 400,
  },
  { name: "an upgrade on another path", request: upgrade("/admin"), wantStatus: 404 },
  {
    name: "a transport that does not exist",
    request: upgrade("/socket.io/?EIO=4&transport=__proto__"),
    wantStatus: 400,
  },
  { name: "an old protocol", request: upgrade("/socket.io/?EIO=3&transport=websocket"), wantStatus: 400 },
])(
  "$name is answered and closed",
  async ({ request, wantStatus }) => {
    await withstands(async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => answerTo(request)));
      for (const answer of answers) expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${wantStatus} `));
    });
  },
  30_000,
);

function upgrade(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
}

async function answerTo(request: string): Promise<string> {
  const socket = await openTcp(gateway());
  const answer = new Promise<string>((resolve) =>
    socket
      .once("data", (data) => resolve(data.toString("latin1")))
      .once("close", () => resolve("closed without an answer")),
  );
  socket.write(request, "latin1");
  const text = await answer;
  socket.destroy();
  return text;
}
