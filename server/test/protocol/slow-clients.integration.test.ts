import { expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { enterNamespace, openEngineClient, type EngineClient } from "../support/engine-client.ts";

const on = stage();
const MEBIBYTE = 2 ** 20;
const slowClients = (gateway: TestGateway) => metricOf(gateway, "realtime_closed_total", { reason: "slow client" });
const token = () => signToken(JWT_SECRET, { sub: "mallory", rooms: ["*"] });

/** Connects a client that joins the room `case:7` and then stops reading. */
async function slowClient(gateway: TestGateway): Promise<EngineClient> {
  const client = await openEngineClient(gateway);
  on.defer(() => client.socket.terminate());
  await enterNamespace(client, "/events", await token());
  client.socket.send('42/events,1["subscribe:case",{"caseId":"7"}]');
  await client.next("43/events,1");
  client.socket.pause();
  return client;
}

async function publish(gateway: TestGateway, mebibytes: number): Promise<void> {
  for (let count = 0; count < mebibytes; count += 1)
    await callApi(gateway, "/api/publish", {
      body: { caseId: "7", event: "case:updated", data: "x".repeat(1_000_000) },
    });
}

test("disconnects a WebSocket client that does not read, and no other, when its queue is longer than the limit", async () => {
  const gateway = await on.gateway({ WS_MAX_QUEUED_BYTES: String(2 * MEBIBYTE) });
  const reader = await on.connect(gateway, { user: "ada" });
  await reader.ask("subscribe:case", { caseId: "7" });
  await slowClient(gateway);
  await publish(gateway, 24);
  await until("the slow client to be cut", async () => (await slowClients(gateway)) === 1, 30_000, 20);
  expect([...gateway.gateway.connections.values()].map(({ identity }) => identity?.userId)).toEqual(["ada"]);
});

test("applies a lower limit for queued bytes to a client that is slow already", async () => {
  const gateway = await on.gateway({ WS_MAX_QUEUED_BYTES: String(256 * MEBIBYTE) });
  await slowClient(gateway);
  await publish(gateway, 24);
  expect(await slowClients(gateway)).toBe(0);
  const { status } = await callApi(gateway, "/config", {
    method: "PUT",
    body: { generation: 1, limits: { maxQueuedBytes: 2 * MEBIBYTE } },
  });
  expect(status).toBe(200);
  await until("the slow client to be cut", async () => (await slowClients(gateway)) === 1, 30_000, 20);
});

test("disconnects a client that has stopped polling when its queue is longer than the limit", async () => {
  const gateway = await on.gateway({ WS_TRANSPORTS: "polling", WS_MAX_QUEUED_BYTES: String(2 * MEBIBYTE) });
  const polling = `http://127.0.0.1:${gateway.publicPort}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(polling)).text()).slice(1)) as { sid: string };
  const send = (body: string) => fetch(`${polling}&sid=${sid}`, { method: "POST", body });
  const poll = async () => (await fetch(`${polling}&sid=${sid}`)).text();
  await send(`40/events,${JSON.stringify({ token: await token() })}`);
  await until("the connected event", async () => (await poll()).includes('["connected"'), 30_000, 5);
  await send('42/events,1["subscribe:case",{"caseId":"7"}]');
  await until("the answer", async () => (await poll()).includes("43/events,1"), 30_000, 5);
  await publish(gateway, 4);
  await until("the slow client to be cut", async () => (await slowClients(gateway)) === 1, 30_000, 20);
});

test("forgets connections when they end, and keeps their bytes in the metric", async () => {
  const gateway = await on.gateway();
  const { deadlines, queueing } = gateway.gateway.watched;
  const clients = await Promise.all(["ada", "bob", "eve"].map((user) => on.connect(gateway, { user })));
  for (const client of clients) await client.ask("join_room", { room: "team" });
  expect(deadlines.size).toBe(3);
  const bytes = await metricOf(gateway, "realtime_outbound_bytes_total");
  expect(bytes).toBeGreaterThan(500);
  for (const client of clients) client.close();
  await until("the end", async () => gateway.gateway.connections.size === 0, 30_000, 5);
  expect([deadlines.size, queueing.size]).toEqual([0, 0]);
  expect(await metricOf(gateway, "realtime_outbound_bytes_total")).toBeGreaterThanOrEqual(bytes);
});
