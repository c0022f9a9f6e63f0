import { describe, expect, test } from "@jest/globals";
import { PacketType, type Packet } from "socket.io-parser";
import { boundedParser, REFUSED_EVENT, RefusedEvent } from "./bounded-parser.ts";

const { Encoder, Decoder } = boundedParser({ maxMessageBytes: () => 1024 });

function decoded(...inputs: (string | Buffer)[]): Packet[] {
  const packets: Packet[] = [];
  const decoder = new Decoder();
  decoder.on("decoded", (packet: Packet) => packets.push(packet));
  for (const input of inputs) decoder.add(input);
  return packets;
}

const encoded = (data: object): string =>
  String((new Encoder().encode({ type: PacketType.CONNECT_ERROR, nsp: "/x", data }) as unknown[])[0]);
const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

test("an event within the bounds is what Socket.IO's parser makes of it", () => {
  expect(decoded('2/events,7["join_room",{"room":"a"}]')).toEqual([
    { type: PacketType.EVENT, nsp: "/events", id: 7, data: ["join_room", { room: "a" }] },
  ]);
});

test("an event of too many values is refused from its text: nothing of it is parsed", () => {
  const packets: Packet[] = [];
  const roomy = new (boundedParser({ maxMessageBytes: () => 1_000_000 }).Decoder)();
  roomy.on("decoded", (packet: Packet) => packets.push(packet));
  roomy.add(`2/events,7["send_message",[${"1,".repeat(25_000)}1]]`);
  expect(packets).toMatchObject([
    {
      id: 7,
      data: [
        REFUSED_EVENT,
        {
          event: "send_message",
          refusal: { code: "INVALID_INPUT", message: "the payload contains more than 20000 values" },
        },
      ],
    },
  ]);
});

describe("an event beyond them keeps its namespace, its id and its name, and none of its payload", () => {
  test.each<{ name: string; text: string; wantCode: string }>([
    {
      name: "too long",
      text: `2/events,7["send_message",${JSON.stringify("x".repeat(2_000))}]`,
      wantCode: "MESSAGE_TOO_LARGE",
    },
    {
      name: "too long in bytes only",
      text: `2/events,7["send_message",${JSON.stringify("€".repeat(400))}]`,
      wantCode: "MESSAGE_TOO_LARGE",
    },
    { name: "too deep", text: `2/events,7["send_message",${deep(300)}]`, wantCode: "INVALID_INPUT" },
  ])("$name", ({ text, wantCode }) => {
    const [packet] = decoded(text);
    expect(packet).toMatchObject({
      type: PacketType.EVENT,
      nsp: "/events",
      id: 7,
      data: [REFUSED_EVENT, { event: "send_message", refusal: { code: wantCode } }],
    });
    expect((packet!.data as unknown[])[1]).toBeInstanceOf(RefusedEvent);
  });

  test("without an id, in the main namespace", () => {
    const [packet] = decoded(`2["x",${deep(300)}]`);
    expect(packet).toMatchObject({ nsp: "/" });
    expect(packet).not.toHaveProperty("id");
  });
});

describe("an event with attachments", () => {
  const event = '52-/events,7["send_message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]';
  const refused = {
    type: PacketType.EVENT,
    nsp: "/events",
    id: 7,
    data: [REFUSED_EVENT, { event: "send_message", refusal: { code: "MESSAGE_TOO_LARGE" } }],
  };

  test("within the bounds is what Socket.IO's parser makes of it", () => {
    expect(decoded(event, Buffer.from("a"), Buffer.from("b"))).toMatchObject([
      { nsp: "/events", id: 7, data: ["send_message", Buffer.from("a"), Buffer.from("b")] },
    ]);
  });

  test.each<{ name: string; inputs: (string | Buffer)[] }>([
    { name: "the first of which is too large", inputs: [event, Buffer.alloc(2_000), Buffer.alloc(1)] },
    { name: "which are too large together", inputs: [event, Buffer.alloc(600), Buffer.alloc(600)] },
    {
      name: "whose text is too large",
      inputs: [event.replace("send_message", `send_message","${"x".repeat(2_000)}`), Buffer.alloc(1), Buffer.alloc(1)],
    },
  ])("$name is refused when the last has come, and the next event is understood", ({ inputs }) => {
    expect(decoded(...inputs.slice(0, -1))).toEqual([]);
    expect(decoded(...inputs, '2/events,8["x",1]')).toMatchObject([refused, { id: 8, data: ["x", 1] }]);
  });
});

test.each<{ name: string; inputs: (string | Buffer)[] }>([
  { name: "a CONNECT too large for any token", inputs: [`0/events,${JSON.stringify({ token: "x".repeat(2_000) })}`] },
  { name: "an event whose name never ends", inputs: [`2["${"x".repeat(2_000)}`] },
  { name: "an event that is too deep from its name on", inputs: [`2${deep(300)}`] },
  { name: "a namespace that is asked for without end", inputs: Array<string>(501).fill('0/events,{"token":"x"}') },
  { name: "an event that ends with its ack id", inputs: ["2/events,4"] },
  { name: "an event that ends with its namespace", inputs: ["2/events,"] },
  { name: "an event of attachments only", inputs: ["51-/events,4", Buffer.alloc(1)] },
  {
    name: "an answer with attachments larger than a message",
    inputs: ['61-/events,4[{"_placeholder":true,"num":0}]', Buffer.alloc(2_000)],
  },
  {
    name: "a text frame in place of a binary attachment",
    inputs: ['52-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', Buffer.alloc(2_000), '2["x"]'],
  },
  {
    name: "more attachments than any event needs",
    inputs: [`59-["x",${Array.from({ length: 9 }, (_, num) => `{"_placeholder":true,"num":${num}}`).join(",")}]`],
  },
  { name: "an unknown packet type", inputs: ["9[]"] },
])("$name ends the connection: it is no event that could be answered", ({ inputs }) => {
  expect(() => decoded(...inputs)).toThrow();
});

test("a namespace that nobody made is refused with our code", () => {
  const text = encoded({ message: "Invalid namespace" });
  expect(JSON.parse(text.slice("4/x,".length))).toMatchObject({ data: { code: "UNKNOWN_NAMESPACE" } });
});

test("a refusal of our own is encoded as it is", () => {
  const data = { message: "no", data: { code: "FORBIDDEN", message: "no" } };
  const text = encoded(data);
  expect(JSON.parse(text.slice("4/x,".length))).toEqual(data);
});
