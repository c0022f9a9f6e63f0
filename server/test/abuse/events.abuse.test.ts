import { describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { connectClient, type TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import { frame, opcodes, openRawSocket, writeUntil } from "../../../testkit/raw-socket.ts";
import { victim } from "../support/victim.ts";

const { gateway, withstands } = victim({
  WS_MAX_MESSAGE_BYTES: "65536",
  WS_MAX_QUEUED_BYTES: "1048576",
  WS_RATE_LIMIT_EVENTS_PER_MINUTE: "500",
  WS_MAX_ROOMS_PER_USER: "50",
});
let users = 0;

/** Connects a client for one attack. Each attack has a new user, so that no limit is used up by an earlier attack. */
async function attacker(): Promise<TestClient> {
  return connectClient(gateway(), { user: `attacker-${users++}` });
}

const closedFor = (reason: string) => metricOf(gateway(), "realtime_closed_total", { reason });
const refusedWith = (code: string) => metricOf(gateway(), "realtime_refusals_total", { code, at: "event" });

test("refuses a flood of events, and then closes its connection", async () => {
  await withstands(async () => {
    const [cutBefore, refusedBefore] = [await closedFor("event flood"), await refusedWith("RATE_LIMIT_EXCEEDED")];
    const client = await attacker();
    for (let index = 0; index < 20_000; index += 1) client.socket.emit("join_room", { room: "a" });
    await until("the cut", async () => client.disconnects.length === 1, 10_000, 20);
    expect(await closedFor("event flood")).toBe(cutBefore + 1);
    expect(await refusedWith("RATE_LIMIT_EXCEEDED")).toBeGreaterThan(refusedBefore);
    client.close();
  });
}, 30_000);

test("closes the connection of a flood whose answers are not read", async () => {
  await withstands(async () => {
    const socket = await openRawSocket(gateway());
    socket.write(
      frame(
        opcodes.text,
        `40/events,${JSON.stringify({ token: await signToken(JWT_SECRET, { sub: `attacker-${users++}` }) })}`,
      ),
    );
    socket.pause();
    const before = (await closedFor("event flood")) + (await closedFor("slow client"));
    const over = until(
      "the cut",
      async () => (await closedFor("event flood")) + (await closedFor("slow client")) > before,
      10_000,
      20,
    );
    const events = Buffer.concat(
      Array.from({ length: 500 }, (_, id) => frame(opcodes.text, `42/events,${id}["join_room",{"room":"a"}]`)),
    );
    expect(await writeUntil(socket, events, 2_000, over)).toBeLessThan(2_000);
    await over;
    socket.destroy();
  });
}, 30_000);

test("disconnects a client that stops reading when its queue is full, and sends everything to the others in its room", async () => {
  await withstands(async () => {
    const before = await closedFor("slow client");
    const [slow, reader] = [await attacker(), await attacker()];
    for (const client of [slow, reader]) await client.ask("join_room", { room: "loud" });
    const { ws } = slow.socket.io.engine.transport as unknown as { ws: { pause(): void; terminate(): void } };
    ws.pause();
    // Send until the client is disconnected: besides the gateway's queue, the kernels of both sides buffer an unknown
    // amount.
    const data = "x".repeat(50_000);
    let sent = 0;
    await until(
      "the cut",
      async () => {
        await callApi(gateway(), "/api/publish", { body: { room: "loud", event: "news", data } });
        sent += 1;
        return (await closedFor("slow client")) > before;
      },
      20_000,
      1,
    );
    await until("the reader to have all", async () => reader.all("news").length === sent, 10_000, 20);
    ws.terminate();
    for (const client of [slow, reader]) client.close();
  });
}, 60_000);

describe("payloads", () => {
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  test.each<{ name: string; text: string; wantCode: string }>([
    { name: "larger than allowed", text: JSON.stringify("x".repeat(70_000)), wantCode: "MESSAGE_TOO_LARGE" },
    { name: "nested thirty thousand deep", text: deep, wantCode: "INVALID_INPUT" },
    {
      name: "with too many values",
      text: JSON.stringify(Array(25_000).fill(1)),
      wantCode: "INVALID_INPUT",
    },
    { name: "with a __proto__ key", text: '{"__proto__":{"isAdmin":true}}', wantCode: "INVALID_INPUT" },
  ])(
    "$name are refused by code, again and again",
    async ({ text, wantCode }) => {
      await withstands(async () => {
        const before = await refusedWith(wantCode);
        const socket = await openRawSocket(gateway());
        // Wait until the client is accepted. If it sent earlier, Socket.IO itself would close it, and the test would
        // check nothing.
        let received = "";
        socket.on("data", (data: Buffer) => (received += received.length < 10_000 ? data.toString("latin1") : ""));
        socket.write(
          frame(
            opcodes.text,
            `40/events,${JSON.stringify({ token: await signToken(JWT_SECRET, { sub: `attacker-${users++}` }) })}`,
          ),
        );
        await until("the welcome", async () => received.includes('"connected"'), 10_000, 5);
        for (let index = 0; index < 200; index += 1)
          socket.write(frame(opcodes.text, `42/events,${index}["send_message",{"room":"a","message":${text}}]`));
        await until("200 refusals", async () => (await refusedWith(wantCode)) === before + 200, 40_000, 20);
        socket.destroy();
      });
    },
    120_000,
  );

  test("far above the size limit end the connection before they have arrived", async () => {
    await withstands(async () => {
      const ended = () => metricOf(gateway(), "realtime_ended_total", { reason: "transport error" });
      const before = await ended();
      const over = until("the end", async () => (await ended()) > before, 10_000, 20);
      const socket = await openRawSocket(gateway());
      const bytes = frame(opcodes.text, "x".repeat(20_000_000));
      for (let at = 0; at < bytes.length && !socket.destroyed; at += 65_536)
        socket.write(bytes.subarray(at, at + 65_536));
      await over;
      socket.destroy();
    });
  }, 30_000);
});

describe("names", () => {
  test("of rooms that are entered and left without end use no memory afterwards", async () => {
    await withstands(async () => {
      const clients = await Promise.all(Array.from({ length: 20 }, attacker));
      await Promise.all(
        clients.map(async (client, number) => {
          for (let index = 0; index < 200; index += 1) {
            const room = `${number}-${index}-${"x".repeat(100)}`;
            expect(await client.ask("join_room", { room })).toMatchObject({ success: true });
            expect(await client.ask("leave_room", { room })).toMatchObject({ success: true });
          }
        }),
      );
      expect((await callApi(gateway(), "/api/websocket/metrics")).body).toMatchObject({
        namespaces: { "/events": { rooms: 1 } },
      });
      for (const client of clients) client.close();
    });
  }, 60_000);

  test("of rooms that are entered and never left are refused at the user's limit", async () => {
    const client = await attacker();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => client.ask("join_room", { room: `room-${index}` })),
    );
    expect(answers.filter(({ success }) => success)).toHaveLength(50);
    expect(await refusedWith("ROOM_LIMIT_EXCEEDED")).toBe(150);
    client.close();
  }, 30_000);

  test("of events that do not exist add nothing to the metrics", async () => {
    const client = await attacker();
    const { text: before } = await callApi(gateway(), "/metrics");
    await Promise.all(Array.from({ length: 400 }, (_, index) => client.ask(`event-${index}`, {})));
    const { text: after } = await callApi(gateway(), "/metrics");
    expect(after).not.toContain("event-");
    expect(Math.abs(after.split("\n").length - before.split("\n").length)).toBeLessThan(20);
    client.close();
  }, 30_000);
});
