import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket as TcpSocket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { Server as EngineServer, type Socket as EngineSocket } from "engine.io";
import { WebSocket } from "ws";
import { until } from "../../../testkit/until.ts";
import { offerFirstBytes } from "../edge/first-bytes.ts";
import { quickUpgrade } from "../edge/quick-upgrade.ts";
import { usualUpgrade } from "../edge/usual-upgrade.ts";
import type { EngineSocket as EngineSocketInside } from "../internals/engine-io.ts";
import { Heartbeats } from "./heartbeats.ts";

const open: (() => unknown)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

interface Rig {
  heartbeats: Heartbeats;
  /** Advances the clock by `ms` and does what is due at the new time. */
  after: (ms: number) => void;
  /** Connects a client that answers no ping by itself. */
  connect: () => Promise<{ client: WebSocket; server: EngineSocket; received: string[]; endings: string[] }>;
}

/**
 * An engine.io server whose connections come by quick upgrades (edge/quick-upgrade.ts). It sends a ping every 100 ms
 * and expects the pong within 40 ms.
 */
async function start(): Promise<Rig> {
  let now = 0;
  const heartbeats = new Heartbeats(() => now);
  const engine = new EngineServer({ transports: ["websocket"], pingInterval: 100, pingTimeout: 40 });
  const http = createServer();
  offerFirstBytes(http, (wire: TcpSocket, bytes: Buffer) => {
    quickUpgrade(engine, usualUpgrade(bytes)!, wire, (connection) => heartbeats.add(connection));
    return true;
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  open.push(
    () => engine.close(),
    () => http.close(),
  );
  const { port } = http.address() as AddressInfo;
  return {
    heartbeats,
    after(ms) {
      now += ms;
      heartbeats.pass();
    },
    async connect() {
      const client = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, {
        perMessageDeflate: false,
      });
      const received: string[] = [];
      client.on("message", (data: Buffer) => received.push(data.toString()));
      const [server] = (await once(engine, "connection")) as [EngineSocket];
      const endings: string[] = [];
      server.on("close", (reason: string) => {
        endings.push(reason);
        heartbeats.ended(engineSocket(server));
      });
      await until("the open packet", async () => received.length === 1, 5_000, 1);
      return { client, server, received, endings };
    },
  };
}

const engineSocket = (socket: EngineSocket): EngineSocketInside => socket as unknown as EngineSocketInside;
const pings = (received: readonly string[]): number => received.filter((text) => text === "2").length;

async function answer(client: WebSocket, server: EngineSocket, text: string): Promise<void> {
  const heard = once(server, "packet");
  client.send(text);
  await heard;
}

describe("a connection of a quick upgrade", () => {
  test("gets a ping after each interval since its last pong, and stays while it answers", async () => {
    const { after, connect } = await start();
    const { client, server, received, endings } = await connect();
    after(99);
    after(1);
    for (let round = 1; round <= 3; round += 1) {
      await until("the ping", async () => pings(received) === round, 5_000, 1);
      await answer(client, server, "3");
      after(99);
      expect(endings).toEqual([]);
      after(1);
    }
    await until("the last ping", async () => pings(received) === 4, 5_000, 1);
  });

  test("is closed when it does not answer a ping within the timeout", async () => {
    const { after, connect, heartbeats } = await start();
    const { endings } = await connect();
    after(100);
    after(39);
    expect(endings).toEqual([]);
    after(1);
    expect(endings).toEqual(["ping timeout"]);
    expect(heartbeats.size).toBe(0);
  });

  test("gets the timeout once more, and only once, when it sends other packets instead of a pong", async () => {
    const { after, connect } = await start();
    const { client, server, endings } = await connect();
    after(100);
    after(30);
    await answer(client, server, "4one");
    after(30);
    await answer(client, server, "4two");
    expect(endings).toEqual([]);
    after(10);
    expect(endings).toEqual(["ping timeout"]);
  });

  test("gets its ping after packets that wait in engine.io", async () => {
    const { after, connect } = await start();
    const { server, received } = await connect();
    // After the first packet, the transport is not writable until the bytes of the packet are written.
    server.send("one");
    server.send("two");
    after(100);
    await until("the ping", async () => pings(received) === 1, 5_000, 1);
    expect(received.slice(1)).toEqual(["4one", "4two", "2"]);
  });

  test("is forgotten when it ends before its next ping", async () => {
    const { after, connect, heartbeats } = await start();
    const { client, endings } = await connect();
    expect(heartbeats.size).toBe(1);
    client.terminate();
    await until("the end", async () => endings.length === 1, 5_000, 1);
    expect(heartbeats.size).toBe(0);
    after(1_000);
    expect(endings).toEqual(["transport close"]);
  });
});
