// Tests POST /shed with `exclusive`: a gateway that moves connections to others refuses new clients for that time.
import { expect, test } from "@jest/globals";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import { until } from "../../../testkit/until.ts";
import { stage } from "../support/stage.ts";
import type { TestGateway } from "../support/gateway.ts";

const on = stage();
const MINUTE_MS = 60_000;

const readiness = async (gateway: TestGateway) => (await callApi(gateway, "/readyz", { token: null })).text;
const shed = (gateway: TestGateway, body: object) => callApi(gateway, "/shed", { body });
const isReady = async (gateway: TestGateway) => (await callApi(gateway, "/readyz", { token: null })).status === 200;

async function fleet(count: number, env: Record<string, string> = {}) {
  const { gateways } = await on.cluster(count, env);
  for (const gateway of gateways) await until("the gateway to be ready", () => isReady(gateway), 30_000, 20);
  return gateways;
}

test("is not ready while it moves connections, serves who comes, and is ready again when it has moved them", async () => {
  const [full] = await fleet(2);
  const clients = await Promise.all(["a", "b", "c", "d"].map((user) => on.connect(full!, { user })));
  const gone = () => clients.filter(({ disconnects }) => disconnects.length > 0).length;
  expect(await shed(full!, { connections: 2, exclusive: true, deadlineMs: MINUTE_MS })).toMatchObject({
    status: 202,
    body: { shedding: 2 },
  });
  expect(gone()).toBe(0);
  expect(await readiness(full!)).toBe("rebalancing\n");
  clients.push(await on.connect(full!, { user: "late" }));
  await until("the gateway to be ready again", () => isReady(full!), 30_000, 50);
  await until("two to be gone", async () => gone() === 2, 30_000, 5);
});

test("one gateway always stays open: the last one refuses, and a single one as well", async () => {
  const [a, b] = await fleet(2);
  const body = { connections: 0, exclusive: true, deadlineMs: MINUTE_MS };
  const answers = await Promise.all([shed(a!, body), shed(b!, body)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
  expect([await readiness(a!), await readiness(b!)].sort()).toEqual(["ok\n", "rebalancing\n"]);
  const alone = await on.gateway();
  expect(await shed(alone, body)).toMatchObject({
    status: 409,
    body: { error: expect.stringContaining("no other gateway") },
  });
  expect(await readiness(alone)).toBe("ok\n");
});

test("opens when the only open gateway begins to drain", async () => {
  const [closed, open] = await fleet(2);
  await on.connect(open!, { user: "ada" });
  expect((await shed(closed!, { connections: 0, exclusive: true, deadlineMs: MINUTE_MS })).status).toBe(202);
  expect(await readiness(closed!)).toBe("rebalancing\n");
  open!.gateway.refuseNewcomers();
  await until("the closed gateway to be open", () => isReady(closed!), 30_000, 50);
});

test("opens at the deadline by itself", async () => {
  const [gateway] = await fleet(2);
  expect((await shed(gateway!, { connections: 0, exclusive: true, deadlineMs: 300 })).status).toBe(202);
  expect(await readiness(gateway!)).toBe("rebalancing\n");
  await until("the gateway to be open", () => isReady(gateway!), 30_000, 20);
});

test("with a share it is closed only while it has at least that many connections", async () => {
  const [gateway] = await fleet(2);
  const ada = await on.connect(gateway!, { user: "ada" });
  const answer = await shed(gateway!, { connections: 0, exclusive: true, share: 2, deadlineMs: MINUTE_MS });
  expect(answer.status).toBe(202);
  expect(await readiness(gateway!)).toBe("ok\n");
  await on.connect(gateway!, { user: "bob" });
  await until("the gateway to be closed", async () => !(await isReady(gateway!)), 30_000, 50);
  ada.close();
  await until("the gateway to be open", () => isReady(gateway!), 30_000, 50);
});

test("a rebalance does not move a client that came back in the last ten minutes", async () => {
  const [a, b] = await fleet(2);
  const options = { transports: ["websocket"], reconnection: true, reconnectionDelay: 1 };
  const moved = await on.connect(a!, { user: "moved", options });
  Object.assign(moved.socket.io, { uri: `http://127.0.0.1:${b!.publicPort}` });
  const settled = await on.connect(b!, { user: "settled" });
  await shed(a!, { connections: 1 });
  await until("the client to be at the other gateway", async () => moved.all("connected").length === 2, 30_000, 5);
  expect((await shed(b!, { connections: 2, exclusive: true })).status).toBe(202);
  await until("the gateway to be closed", async () => !(await isReady(b!)), 30_000, 5);
  await until("the gateway to be ready again", () => isReady(b!), 30_000, 50);
  await until("the other client to be moved", async () => settled.disconnects.length === 1, 30_000, 5);
  expect(moved.disconnects).toHaveLength(1);
});

test.each([
  { name: "no connections without exclusive", body: { connections: 0 }, want: "connections must be from 1 to 1000000" },
  { name: "a share without exclusive", body: { connections: 1, share: 1 }, want: "share needs exclusive: true" },
  { name: "no deadline", body: { connections: 1, deadlineMs: 0 }, want: "deadlineMs must be at least 1" },
])("refuses $name", async ({ body, want }) => {
  const gateway = await on.gateway();
  expect(await shed(gateway, body)).toMatchObject({ status: 400, body: { error: expect.stringContaining(want) } });
});
