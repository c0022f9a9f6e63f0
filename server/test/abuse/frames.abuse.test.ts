import { expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { until } from "../../../testkit/until.ts";
import { metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { closing, frame, opcodes, openRawSocket, writeUntil } from "../../../testkit/raw-socket.ts";
import { victim } from "../support/victim.ts";

const { gateway, withstands } = victim();
const ended = (reason: string) => metricOf(gateway(), "realtime_ended_total", { reason });
/** Waits until the gateway has closed `count` more connections with the reason `reason`. */
const moreEnded = async (reason: string, count = 1): Promise<unknown> => {
  const before = await ended(reason);
  return until(`${count} more to end by ${reason}`, async () => (await ended(reason)) >= before + count, 10_000, 20);
};

test("ends a connection when its client does not read the pongs to its pings", async () => {
  await withstands(async () => {
    const over = moreEnded("transport close");
    const socket = await openRawSocket(gateway());
    socket.pause();
    const pings = Buffer.concat(Array<Buffer>(2_000).fill(frame(opcodes.ping, Buffer.alloc(125))));
    expect(await writeUntil(socket, pings, 2_000, over)).toBeLessThan(2_000);
    await over;
    socket.destroy();
  });
}, 30_000);

test("ends a connection when a message has too many fragments", async () => {
  await withstands(async () => {
    const over = moreEnded("transport error");
    const socket = await openRawSocket(gateway());
    socket.write(frame(opcodes.text, "4", { isLast: false }));
    expect(await writeUntil(socket, frame(opcodes.continuation, "x", { isLast: false }), 100_000, over)).toBeLessThan(
      100_000,
    );
    await over;
    socket.destroy();
  });
}, 30_000);

test("does not read from a client that broke the protocol, however much it sends", async () => {
  await withstands(async () => {
    const over = moreEnded("transport error");
    const socket = await openRawSocket(gateway());
    socket.write(frame(3, "x"));
    await over;
    // The gateway must stop reading: the kernels of both sides buffer a few MiB, so the client cannot write all 500
    // MiB.
    const gone = closing(socket);
    expect(await writeUntil(socket, Buffer.alloc(2 ** 20), 500, gone)).toBeLessThan(500);
    await gone;
  });
}, 30_000);

test("ends a connection when a frame announces gigabytes, before they arrive", async () => {
  await withstands(async () => {
    const over = moreEnded("transport error", 50);
    const sockets = await Promise.all(Array.from({ length: 50 }, () => openRawSocket(gateway())));
    for (const socket of sockets) socket.write(Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
    await over;
    for (const socket of sockets) socket.destroy();
  });
}, 30_000);

test("closes the connection of a client that does not answer a close frame", async () => {
  const socket = await openRawSocket(gateway());
  socket.write(frame(opcodes.text, "49[]"));
  await closing(socket);
}, 15_000);

test.each<{ name: string; bytes: () => Buffer; wantReason: string }>([
  {
    name: "random bytes",
    bytes: () => Buffer.concat([Buffer.from([0xff]), randomBytes(4_096)]),
    wantReason: "transport error",
  },
  {
    name: "an unmasked frame",
    bytes: () => frame(opcodes.text, "2probe", { isMasked: false }),
    wantReason: "transport error",
  },
  { name: "a reserved opcode", bytes: () => frame(3, "x"), wantReason: "transport error" },
  {
    name: "a ping in fragments",
    bytes: () => frame(opcodes.ping, "x", { isLast: false }),
    wantReason: "transport error",
  },
  {
    name: "text that is not UTF-8",
    bytes: () => frame(opcodes.text, Buffer.from([0xc3, 0x28])),
    wantReason: "transport error",
  },
  { name: "an Engine.IO packet of an unknown type", bytes: () => frame(opcodes.text, "9"), wantReason: "parse error" },
  {
    name: "a binary packet that was not announced",
    bytes: () => frame(opcodes.binary, randomBytes(64)),
    wantReason: "forced close",
  },
  {
    name: "a Socket.IO packet of an unknown type",
    bytes: () => frame(opcodes.text, "49[]"),
    wantReason: "forced close",
  },
  {
    name: "an event before any CONNECT",
    bytes: () => frame(opcodes.text, '42["join_room",{}]'),
    wantReason: "forced close",
  },
])(
  "$name ends that connection and nothing else",
  async ({ bytes, wantReason }) => {
    await withstands(async () => {
      const over = moreEnded(wantReason, 20);
      const sockets = await Promise.all(Array.from({ length: 20 }, () => openRawSocket(gateway())));
      for (const socket of sockets) socket.write(bytes());
      await over;
      for (const socket of sockets) socket.destroy();
    });
  },
  30_000,
);
