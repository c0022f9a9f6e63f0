import { afterEach, describe, expect, test } from "@jest/globals";
import { engineSocketOf } from "../../internals/socket-io.ts";
import { noBus } from "../bus/no-bus.ts";
import { EncodedEvent, type EventFlags } from "../encoded-event.ts";
import { broadcastUnkept, fanoutOf, gatewayAdapter } from "../gateway-adapter.ts";
import { receive, tcpSocketOf, writesTo } from "../../../test/support/connection-writes.ts";
import { startRig, type Rig } from "../../../test/support/rig.ts";

let rig: Rig;
afterEach(() => rig.close());

describe("one write per connection and turn", () => {
  test("sends broadcasts, direct emits and another namespace's packets together and in order", async () => {
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

  test("gives connections the same buffer when they were sent the same frames", async () => {
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

describe("what the fast path does not handle", () => {
  test("reaches polling clients", async () => {
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

  test("reaches a client before and after it upgrades from polling", async () => {
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

  test("reaches compressing clients, with binary attachments", async () => {
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

  test("collects acknowledgements when a broadcast asks for them", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const member = await rig.connect();
    member.client.on("question", (answer: (value: number) => void) => answer(42));
    expect(await rig.io.timeout(5_000).emitWithAck("question")).toEqual([42]);
  });
});

test("calls listeners on outgoing packets when an event is broadcast", async () => {
  rig = await startRig(gatewayAdapter(noBus()));
  const { serverSocket } = await rig.connect();
  const outgoing: unknown[][] = [];
  serverSocket.onAnyOutgoing((...args: unknown[]) => outgoing.push(args));
  rig.io.emit("a", 1);
  expect(outgoing).toEqual([["a", 1]]);
});

describe("an event that another gateway has encoded", () => {
  const news = '2["news",{"n":1}]';
  const audience = { rooms: new Set(["room"]), except: new Set<string>() };
  const published = (text: string, flags: EventFlags = {}, namespace = "/") =>
    new EncodedEvent({ namespace, text: Buffer.from(text), audience, flags });

  test("reaches the room's members on every kind of connection, and no other socket", async () => {
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
    "reaches listeners on outgoing packets when the socket is on $transport",
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

  test("is sent with everything else of its turn, in order", async () => {
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

  test("waits when the client has not read earlier bytes, and is dropped then if it is volatile", async () => {
    rig = await startRig(gatewayAdapter(noBus()));
    const slow = await rig.connect();
    await slow.serverSocket.join("room");
    const received = receive(slow, "end");
    tcpSocketOf(slow).cork();
    rig.io.emit("first");
    await new Promise(setImmediate);
    const fanout = fanoutOf(rig.io.of("/"));
    fanout.deliver(published('2["volatile"]', { volatile: true }));
    fanout.deliver(published(news));
    broadcastUnkept(rig.io.of("/"), { room: "room" }, ["count", 1]);
    rig.io.emit("end");
    tcpSocketOf(slow).uncork();
    expect(await received).toEqual([["first"], ["news", { n: 1 }], ["count", 1], ["end"]]);
  });
});

test("sends an event that is not kept to all members of a room, or only to the given members", async () => {
  rig = await startRig(gatewayAdapter(noBus()));
  const [one, two, outside] = [await rig.connect(), await rig.connect(), await rig.connect()];
  for (const { serverSocket } of [one, two]) await serverSocket.join("room");
  const received = [one, two, outside].map((member) => receive(member, "end"));
  const namespace = rig.io.of("/");
  broadcastUnkept(namespace, { room: "room" }, ["count", 2]);
  broadcastUnkept(namespace, { room: "room", only: new Set([two, outside].map(({ client }) => client.id!)) }, ["you"]);
  broadcastUnkept(namespace, { room: "room", only: new Set([outside.client.id!]) }, ["nobody"]);
  rig.io.emit("end");
  expect(await Promise.all(received)).toEqual([[["count", 2], ["end"]], [["count", 2], ["you"], ["end"]], [["end"]]]);
});

test("serves a socket once and from its connection on when a middleware put it into rooms before", async () => {
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

test("writes nothing more to a socket when it has left its namespace and its connection stays in another", async () => {
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

test("calls a new listener on outgoing packets from the next turn on", async () => {
  rig = await startRig(gatewayAdapter(noBus(), { sharedFromMembers: 1 }));
  const { serverSocket } = await rig.connect();
  rig.io.emit("before");
  await new Promise(setImmediate);
  const outgoing: unknown[][] = [];
  serverSocket.onAnyOutgoing((...args: unknown[]) => outgoing.push(args));
  rig.io.emit("after");
  expect(outgoing).toEqual([["after"]]);
});
