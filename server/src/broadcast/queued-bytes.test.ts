import { afterEach, describe, expect, test } from "@jest/globals";
import { noBus } from "./bus/no-bus.ts";
import { gatewayAdapter } from "./gateway-adapter.ts";
import { queuedBytes, reportsQueue } from "./queued-bytes.ts";
import { receive, tcpSocketOf } from "../../test/support/connection-writes.ts";
import { startRig, type Rig } from "../../test/support/rig.ts";

let rig: Rig;
afterEach(() => rig.close());

describe("a client that does not read", () => {
  test("keeps its bytes counted, from the turn's frames to the TCP socket", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const slow = await rig.connect();
    expect(queuedBytes(slow.serverSocket)).toBe(0);
    tcpSocketOf(slow).cork();
    rig.io.emit("a", "x".repeat(1_000));
    expect(queuedBytes(slow.serverSocket)).toBeGreaterThan(1_000);
    await new Promise(setImmediate);
    expect(queuedBytes(slow.serverSocket)).toBeGreaterThan(1_000);
    for (let sent = 0; sent < 10; sent += 1) slow.serverSocket.emit("b", "y".repeat(1_000));
    await new Promise(setImmediate);
    expect(queuedBytes(slow.serverSocket)).toBeGreaterThan(11_000);
    const received = receive(slow, "end");
    slow.serverSocket.emit("end");
    tcpSocketOf(slow).uncork();
    expect(await received).toHaveLength(12);
    expect(queuedBytes(slow.serverSocket)).toBe(0);
  });

  test.each<{ name: string; data: unknown }>([
    { name: "a text", data: "x" },
    { name: "an attachment", data: Buffer.alloc(10) },
  ])("is reported once its socket does not take $name", async ({ data }) => {
    const reported = new Set<unknown>();
    rig = await startRig(gatewayAdapter(noBus(), { onQueue: (connection) => reported.add(connection) }));
    const [slow, reader] = [await rig.connect(), await rig.connect()];
    const received = receive(reader, "end");
    tcpSocketOf(slow).cork();
    rig.io.emit("a", data);
    rig.io.emit("end");
    await received;
    expect(reported).toEqual(new Set([slow.serverSocket.conn]));
    expect([slow, reader].map(({ serverSocket }) => reportsQueue(serverSocket))).toEqual([true, true]);
    tcpSocketOf(slow).uncork();
  });

  test("is reported when it enters over polling, which shows no queue", async () => {
    const reported: unknown[] = [];
    rig = await startRig(gatewayAdapter(noBus(), { onQueue: (connection) => reported.push(connection) }));
    const { serverSocket } = await rig.connect({ transports: ["polling"] });
    expect(reported).toEqual([serverSocket.conn]);
    expect(reportsQueue(serverSocket)).toBe(false);
  });

  test("misses volatile messages while it does not read, and gets new ones when it reads again", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const slow = await rig.connect();
    const received = receive(slow, "end");
    tcpSocketOf(slow).cork();
    rig.io.emit("kept", 1);
    await new Promise(setImmediate);
    rig.io.volatile.emit("dropped");
    slow.serverSocket.volatile.emit("dropped");
    rig.io.emit("kept", 2);
    const drained = new Promise<void>((resolve) => tcpSocketOf(slow).write("", () => resolve()));
    tcpSocketOf(slow).uncork();
    await drained;
    await new Promise(setImmediate);
    rig.io.volatile.emit("kept", 3);
    rig.io.emit("end");
    expect(await received).toEqual([["kept", 1], ["kept", 2], ["kept", 3], ["end"]]);
  });
});
