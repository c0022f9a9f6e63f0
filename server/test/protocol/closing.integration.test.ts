import { expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import { frame, opcodes, openRawSocket, openTcp } from "../../../testkit/raw-socket.ts";
import { stage } from "../support/stage.ts";
import { enterNamespace, openEngineClient } from "../support/engine-client.ts";

const on = stage();

test("closes a revoked client within seconds, even when it does not read its queued data", async () => {
  const gateway = await on.gateway({ WS_MAX_QUEUED_BYTES: String(64 * 2 ** 20) });
  const rawClient = await openEngineClient(gateway);
  on.defer(() => rawClient.socket.terminate());
  await enterNamespace(rawClient, "/events", await signToken(JWT_SECRET, { sub: "mallory", rooms: ["*"] }));
  rawClient.socket.send('42/events,1["subscribe:case",{"caseId":"7"}]');
  await rawClient.next("43/events,1");
  rawClient.socket.pause();
  // Send more than the kernels buffer, so that engine.io still has packets to send when the connection is closed.
  for (let count = 0; count < 32; count += 1) {
    await callApi(gateway, "/api/publish", {
      body: { caseId: "7", event: "case:updated", data: "x".repeat(1_000_000) },
    });
  }
  await callApi(gateway, "/api/revoke", { body: { userId: "mallory" } });
  await until("the connection to be gone", async () => gateway.gateway.connections.size === 0, 30_000, 20);
  expect(await metricOf(gateway, "realtime_closed_total", { reason: "slow client" })).toBe(1);
  expect(gateway.ledger.state().connections).toBe(0);
});

test("closes a revoked client that has stopped polling, and counts it once", async () => {
  const gateway = await on.gateway({ WS_TRANSPORTS: "polling" });
  const polling = `http://127.0.0.1:${gateway.publicPort}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(polling)).text()).slice(1)) as { sid: string };
  await fetch(`${polling}&sid=${sid}`, {
    method: "POST",
    body: `40/events,${JSON.stringify({ token: await signToken(JWT_SECRET, { sub: "mallory", rooms: ["*"] }) })}`,
  });
  await (await fetch(`${polling}&sid=${sid}`)).text();
  await callApi(gateway, "/api/disconnect", { body: { userId: "mallory" } });
  await until("the connection to be gone", async () => gateway.gateway.connections.size === 0, 60_000, 20);
  expect(await metricOf(gateway, "realtime_closed_total", { reason: "slow client" })).toBe(1);
  expect(gateway.ledger.state().connections).toBe(0);
});

test("disconnects a client that sends requests without end and reads no answer, and later one that reads none of a few answers", async () => {
  const gateway = await on.gateway();
  const { http, io } = gateway.gateway;
  const openSockets = () => new Promise<number>((resolve) => http.getConnections((_error, count) => resolve(count)));
  const socket = await openTcp(gateway);
  on.defer(() => socket.destroy());
  socket.pause();
  // Send so many requests that the kernels cannot buffer all answers.
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20_000));
  await until("the TCP connection to be closed", async () => (await openSockets()) === 0, 30_000, 20);
  // By default, Node's HTTP server has no timeout. The gateway's must be longer than a poll, which waits for data until
  // the next ping.
  expect(http.timeout).toBeGreaterThan(io.engine.opts.pingInterval!);
});

test("does not announce a client that had left before its request to enter a room was handled", async () => {
  const gateway = await on.gateway();
  const bob = await on.connect(gateway, { user: "bob" });
  await bob.ask("join_room", { room: "team" });
  const socket = await openRawSocket(gateway);
  on.defer(() => socket.destroy());
  let heard = "";
  socket.on("data", (data) => (heard += data.toString()));
  const say = (...texts: string[]) => socket.write(Buffer.concat(texts.map((text) => frame(opcodes.text, text))));
  const hear = (text: string) => until(text, async () => heard.includes(text), 30_000, 5);
  const auth = JSON.stringify({ token: await signToken(JWT_SECRET, { sub: "mallory", rooms: ["*"] }) });
  say(`40/events,${auth}`, `40/messaging,${auth}`);
  await hear('42/messaging,["connected"');
  // Write all packets at once, so that Socket.IO has read all of them before it handles the first one.
  say("41/events,", '42/events,1["join_room",{"room":"team"}]', '42/messaging,2["join_room",{"room":"team"}]');
  await hear("43/messaging,2");
  const carol = await on.connect(gateway, { user: "carol" });
  await carol.ask("join_room", { room: "team" });
  await bob.next("user_joined", ({ userId }) => userId === "carol");
  expect(bob.all("user_joined").map(({ userId, participantCount }) => [userId, participantCount])).toEqual([
    ["carol", 2],
  ]);
});
