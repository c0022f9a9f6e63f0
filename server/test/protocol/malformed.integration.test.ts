import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { startGatewayProcess, type GatewayProcess } from "../../../testkit/gateway/gateway-process.ts";
import { connectClient } from "../../../testkit/gateway/gateway-client.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import { frame, opcodes, openRawSocket } from "../../../testkit/raw-socket.ts";
import { enterNamespace, openEngineClient, type EngineClient } from "../support/engine-client.ts";

// Tests packets that no stock client sends. The client is accepted before it sends them. The gateway has its own
// process, because it could crash.
let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGatewayProcess({
    WS_MAX_MESSAGE_BYTES: "2048",
    WS_MAX_CONNECTIONS_PER_USER: "1000",
    WS_MAX_CONNECTIONS_PER_ADDRESS: "1000",
  });
});
afterAll(async () => {
  gateway.kill("SIGKILL");
  await gateway.ended;
});

async function enter(): Promise<EngineClient> {
  const rawClient = await openEngineClient(gateway);
  await enterNamespace(rawClient, "/events", await signToken(JWT_SECRET, { sub: "ada", rooms: ["*"] }));
  await rawClient.next('42/events,["connected"');
  return rawClient;
}

async function expectService(): Promise<void> {
  const bystander = await connectClient(gateway, { user: "bob" });
  expect(await bystander.ask("join_room", { room: "quiet" })).toMatchObject({ success: true });
  bystander.close();
}

describe("ends its connection and nothing else:", () => {
  test.each([
    "42/events,4",
    "42/events,",
    "42/events",
    "42/events,4[]",
    "42/events,4[null]",
    "42/events,4{}",
    "42/events,4[",
    '42/events,4["connect"]',
    '42/events,4["disconnecting"]',
    '42/events,4["newListener"]',
    '42/events,-1["leave_room",{}]',
    "451-/events,4",
    '450-/events,4["join_room",{}]',
    '459-/events,4["join_room",{}]',
    '4599999999999-/events,4["join_room",{}]',
    "45-/events,4[]",
    '42/messaging,4["join_room",{}]',
    '42["join_room",{}]',
    '44/events,{"message":"no"}',
    "49",
    "4",
    "9",
  ])("%s", async (text) => {
    const rawClient = await enter();
    rawClient.socket.send(text);
    await rawClient.closed;
    await expectService();
  });

  test("attachments of a packet that is not an event", async () => {
    const rawClient = await enter();
    rawClient.socket.send("451-/events,4");
    rawClient.socket.send(Buffer.from("a"));
    await rawClient.closed;
    await expectService();
  });
});

test("enters a namespace once when a client requests it many times before the first answer", async () => {
  const socket = await openRawSocket(gateway);
  let received = "";
  socket.on("data", (data: Buffer) => (received += data.toString("latin1")));
  const connect = frame(
    opcodes.text,
    `40/events,${JSON.stringify({ token: await signToken(JWT_SECRET, { sub: "cy", rooms: ["*"] }) })}`,
  );
  // Write all packets at once, so that the gateway has read all of them before the ledger answers the first request.
  socket.write(Buffer.concat(Array<Buffer>(100).fill(connect)));
  await until("the welcome", async () => received.includes('"connected"'), 30_000, 5);
  socket.write(frame(opcodes.text, '42/events,5["join_room",{"room":"a"}]'));
  await until("the answer", async () => received.includes('43/events,5[{"success":true'), 30_000, 5);
  expect(received.match(/40\/events,/g)).toHaveLength(1);
  socket.destroy();
});

test("ends a connection that has requested namespaces more than five hundred times", async () => {
  const rawClient = await enter();
  for (let index = 0; index < 600; index += 1) rawClient.socket.send(`40/nowhere${index},`);
  await rawClient.closed;
  expect(rawClient.received.filter((text) => text.startsWith("44/nowhere")).length).toBeLessThan(500);
  await expectService();
});

describe("is answered, and its connection stays open:", () => {
  test.each<{ text: string; attachments?: Buffer[]; want: string }>([
    { text: '4["__proto__",{}]', want: "UNKNOWN_EVENT" },
    { text: '4["constructor",{}]', want: "UNKNOWN_EVENT" },
    { text: '4["error",{}]', want: "UNKNOWN_EVENT" },
    { text: "4[1,{}]", want: "UNKNOWN_EVENT" },
    { text: '4["join_room"]', want: "INVALID_INPUT" },
    { text: '4["join_room",{"room":"a"},{"room":"b"}]', want: "INVALID_INPUT" },
    { text: '4["join_room",{"room":"a","__proto__":{"x":1}}]', want: "INVALID_INPUT" },
    { text: '4["subscribe:case",{"caseId":"\\ud800"}]', want: "INVALID_INPUT" },
    {
      text: '4["send_message",{"room":"a","message":{"_placeholder":true,"num":0}}]',
      attachments: [Buffer.alloc(3_000)],
      want: "MESSAGE_TOO_LARGE",
    },
    {
      text: '4["send_message",{"room":"a","message":{"_placeholder":true,"num":0}}]',
      attachments: [Buffer.alloc(10)],
      want: "NOT_IN_ROOM",
    },
  ])("$text, $want", async ({ text, attachments = [], want }) => {
    const rawClient = await enter();
    rawClient.socket.send(attachments.length === 0 ? `42/events,${text}` : `45${attachments.length}-/events,${text}`);
    for (const attachment of attachments) rawClient.socket.send(attachment);
    expect(await rawClient.next("43/events,4[")).toContain(`"code":"${want}"`);
    expect(await rawClient.next('42/events,["error"')).toContain(`"code":"${want}"`);
    rawClient.socket.send('42/events,5["join_room",{"room":"a"}]');
    expect(await rawClient.next("43/events,5[")).toContain('"success":true');
    rawClient.socket.close();
    await rawClient.closed;
  });
});
