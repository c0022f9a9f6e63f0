import { afterEach, describe, expect, test } from "@jest/globals";
import { engineSocketOf } from "../../internals/socket-io.ts";
import { noBus } from "../bus/no-bus.ts";
import { EncodedEvent } from "../encoded-event.ts";
import type { EventFlags } from "../encoded-event.ts";
import { fanoutOf, gatewayAdapter } from "../gateway-adapter.ts";
import { queuedBytes } from "../queued-bytes.ts";
import { startRig } from "../testing/rig.ts";
import type { Connected, Rig } from "../testing/rig.ts";

let rig: Rig;
afterEach(() => rig.close());

const networkSocketOf = ({ serverSocket }: Connected) => engineSocketOf(serverSocket).transport.socket!._socket!;

/** What the server has written to this connection's network socket, one entry per write. */
function writesTo(connected: Connected): Buffer[] {
  const writes: Buffer[] = [];
  const socket = networkSocketOf(connected);
  const write = socket.write.bind(socket) as (bytes: Buffer, written?: () => void) => boolean;
  socket.write = ((bytes: Buffer, written?: () => void) => {
    writes.push(bytes);
    return write(bytes, written);
  }) as typeof socket.write;
  return writes;
}

async function receive(connected: Connected, last: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  await new Promise<void>((resolve) => {
    connected.client.onAny((event: string, ...args: unknown[]) => {
      seen.push([event, ...args]);
      if (event === last) resolve();
    });
  });
  return seen;
}

describe("one write per connection and turn", () => {
  test("broadcasts, direct emits and another namespace's packets leave together, in order", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    rig.io.of("/other");
    const member = await rig.connect();
    const other = await rig.enter(member, "/other");
    await member.serverSocket.join("room");
    rig.io.to("room").emit("warm-up");
    await receive(member, "warm-up");
    const writes = writesTo(member);
    const received = receive(member, "last");
    rig.io.to("room").emit("first", 1);
    member.serverSocket.emit("second", 2);
    rig.io.emit("third", 3);
    other.serverSocket.emit("elsewhere");
    rig.io.to("room").emit("last", 4);
    expect(await received).toEqual([
      ["first", 1],
      ["second", 2],
      ["third", 3],
      ["last", 4],
    ]);
    expect(writes).toHaveLength(1);
  });

  test("connections with the same batch are given the same buffer", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const members = [await rig.connect(), await rig.connect()];
    const writes = members.map(writesTo);
    const received = members.map((member) => receive(member, "b"));
    rig.io.emit("a");
    rig.io.emit("b");
    await Promise.all(received);
    expect(writes[0]).toHaveLength(1);
    expect(writes[0]![0]).toBe(writes[1]![0]);
  });
});

describe("what the fast path leaves alone still arrives", () => {
  test("polling clients", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const member = await rig.connect({ transports: ["polling"] });
    const received = receive(member, "b");
    rig.io.emit("a", 1);
    rig.io.emit("b", 2);
    expect(await received).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  test("a client that upgrades from polling, before and after", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const member = await rig.connect({ transports: ["polling", "websocket"] });
    const before = receive(member, "before");
    rig.io.emit("before");
    await before;
    if (engineSocketOf(member.serverSocket).transport.name !== "websocket") {
      await new Promise((resolve) => member.serverSocket.conn.once("upgrade", resolve));
    }
    const after = receive(member, "after");
    rig.io.emit("after");
    expect(await after).toContainEqual(["after"]);
  });

  test("compressing clients and binary attachments", async () => {
    rig = await startRig(gatewayAdapter(noBus()), { perMessageDeflate: { threshold: 0 } });
    const member = await rig.connect();
    const received = receive(member, "b");
    rig.io.emit("a", Buffer.from("bytes"));
    rig.io.emit("b", "text");
    expect(await received).toEqual([
      ["a", Buffer.from("bytes")],
      ["b", "text"],
    ]);
  });

  test("broadcasts that ask for acknowledgements", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const member = await rig.connect();
    member.client.on("question", (answer: (value: number) => void) => answer(42));
    expect(await rig.io.timeout(5_000).emitWithAck("question")).toEqual([42]);
  });
});

test("listeners on outgoing packets are called as ever", async () => {
  rig = await startRig(gatewayAdapter(noBus()));
  const { serverSocket } = await rig.connect();
  const outgoing: unknown[][] = [];
  serverSocket.onAnyOutgoing((...args: unknown[]) => outgoing.push(args));
  rig.io.emit("a", 1);
  expect(outgoing).toEqual([["a", 1]]);
});

describe("an event that another node has encoded", () => {
  const news = '2["news",{"n":1}]';
  const audience = { rooms: new Set(["room"]), except: new Set<string>() };
  const published = (text: string, flags: EventFlags = {}, namespace = "/") =>
    new EncodedEvent({ namespace, text: Buffer.from(text), audience, flags });

  test("reaches the room's members on every kind of connection, and nobody else", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const polling = await rig.connect({ transports: ["polling"] });
    const direct = await rig.connect();
    const outside = await rig.connect();
    for (const { serverSocket } of [polling, direct]) await serverSocket.join("room");
    const received = [polling, direct].map((member) => receive(member, "news"));
    const seenOutside = receive(outside, "end");
    fanoutOf(rig.io.of("/")).deliver(published(news));
    outside.serverSocket.emit("end");
    expect(await Promise.all(received)).toEqual([[["news", { n: 1 }]], [["news", { n: 1 }]]]);
    expect(await seenOutside).toEqual([["end"]]);
  });

  test.each([{ transport: "polling" }, { transport: "websocket" }])(
    "is told to listeners to a $transport socket's outgoing packets",
    async ({ transport }) => {
      rig = await startRig(gatewayAdapter(noBus()));
      rig.io.of("/[");
      const { serverSocket } = await rig.enter(await rig.connect({ transports: [transport] }), "/[");
      await serverSocket.join("room");
      const outgoing: unknown[][] = [];
      serverSocket.onAnyOutgoing((...args: unknown[]) => outgoing.push(args));
      fanoutOf(serverSocket.nsp).deliver(published('2/[,["news",{"n":1}]', {}, "/["));
      expect(outgoing).toEqual([["news", { n: 1 }]]);
    },
  );

  test("leaves with everything else of its turn, in order", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const member = await rig.connect();
    await member.serverSocket.join("room");
    const writes = writesTo(member);
    const received = receive(member, "end");
    const fanout = fanoutOf(rig.io.of("/"));
    fanout.deliver(published('2["first"]'));
    rig.io.to("room").emit("second");
    fanout.deliver(published('2["end"]'));
    expect(await received).toEqual([["first"], ["second"], ["end"]]);
    expect(writes).toHaveLength(1);
  });

  test("waits behind what a client has not read, and is dropped instead when it is volatile", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const slow = await rig.connect();
    await slow.serverSocket.join("room");
    const received = receive(slow, "end");
    networkSocketOf(slow).cork();
    rig.io.emit("first");
    await new Promise(setImmediate);
    const fanout = fanoutOf(rig.io.of("/"));
    fanout.deliver(published('2["volatile"]', { volatile: true }));
    fanout.deliver(published(news));
    rig.io.emit("end");
    networkSocketOf(slow).uncork();
    expect(await received).toEqual([["first"], ["news", { n: 1 }], ["end"]]);
  });
});

test("a socket that a middleware put into rooms before it was connected is served once, from its connection on", async () => {
  rig = await startRig(gatewayAdapter(noBus(), { sharedFromMembers: 1 }));
  const first = await rig.connect();
  await first.serverSocket.join("room");
  const heard = receive(first, "end");
  rig.io.use((socket, next) => {
    void socket.join("room");
    rig.io.to("room").emit("early");
    next();
  });
  const second = await rig.connect();
  const received = receive(second, "end");
  await second.serverSocket.join("other");
  rig.io.to("other").emit("later", 1);
  rig.io.to("room").emit("later", 2);
  rig.io.emit("end");
  expect(await received).toEqual([["later", 1], ["later", 2], ["end"]]);
  expect(await heard).toEqual([["early"], ["later", 2], ["end"]]);
});

test("a socket that left its namespace is written nothing more, though its connection lives on in another", async () => {
  rig = await startRig(gatewayAdapter(noBus(), { sharedFromMembers: 1 }));
  rig.io.of("/other");
  const first = await rig.connect();
  rig.io.emit("the batch exists");
  const second = await rig.connect();
  const other = await rig.enter(second, "/other");
  second.serverSocket.disconnect();
  const received = receive(other, "end");
  await new Promise(setImmediate);
  const writes = writesTo(second);
  rig.io.emit("not for the second");
  await receive(first, "not for the second");
  expect(writes).toEqual([]);
  other.serverSocket.emit("end");
  expect(await received).toEqual([["end"]]);
});

test("who starts to listen to outgoing packets hears of the next turn's", async () => {
  rig = await startRig(gatewayAdapter(noBus(), { sharedFromMembers: 1 }));
  const { serverSocket } = await rig.connect();
  rig.io.emit("before");
  await new Promise(setImmediate);
  const outgoing: unknown[][] = [];
  serverSocket.onAnyOutgoing((...args: unknown[]) => outgoing.push(args));
  rig.io.emit("after");
  expect(outgoing).toEqual([["after"]]);
});

describe("a client that does not read", () => {
  test("its bytes stay counted, from the batch to the network socket", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const slow = await rig.connect();
    expect(queuedBytes(slow.serverSocket)).toBe(0);
    networkSocketOf(slow).cork();
    rig.io.emit("a", "x".repeat(1_000));
    expect(queuedBytes(slow.serverSocket)).toBeGreaterThan(1_000);
    await new Promise(setImmediate);
    expect(queuedBytes(slow.serverSocket)).toBeGreaterThan(1_000);
    for (let sent = 0; sent < 10; sent += 1) slow.serverSocket.emit("b", "y".repeat(1_000));
    await new Promise(setImmediate);
    expect(queuedBytes(slow.serverSocket)).toBeGreaterThan(11_000);
    const received = receive(slow, "end");
    slow.serverSocket.emit("end");
    networkSocketOf(slow).uncork();
    expect(await received).toHaveLength(12);
    expect(queuedBytes(slow.serverSocket)).toBe(0);
  });

  test("volatile messages are dropped while it does not, and are not afterwards", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const slow = await rig.connect();
    const received = receive(slow, "end");
    networkSocketOf(slow).cork();
    rig.io.emit("kept", 1);
    await new Promise(setImmediate);
    rig.io.volatile.emit("dropped");
    slow.serverSocket.volatile.emit("dropped");
    rig.io.emit("kept", 2);
    const drained = new Promise<void>((resolve) => networkSocketOf(slow).write("", () => resolve()));
    networkSocketOf(slow).uncork();
    await drained;
    await new Promise(setImmediate);
    rig.io.volatile.emit("kept", 3);
    rig.io.emit("end");
    expect(await received).toEqual([["kept", 1], ["kept", 2], ["kept", 3], ["end"]]);
  });
});
