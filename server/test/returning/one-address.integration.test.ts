import { expect, test } from "@jest/globals";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { until } from "../../../testkit/until.ts";
import { TestClock } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();
/**
 * All clients have the same IP address, and the limit per address equals their number. So if a reconnect counted again,
 * it would be refused.
 */
const PEOPLE = 5;
const limit = { WS_MAX_CONNECTIONS_PER_ADDRESS: String(PEOPLE) };
const patient = { options: { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200 } };

async function office(gateway: Parameters<typeof on.connect>[0], lifetimeSeconds = 3_600): Promise<TestClient[]> {
  const people = Array.from({ length: PEOPLE }, (_, index) => `person-${index}`);
  return Promise.all(people.map((user) => on.connect(gateway, { user, lifetimeSeconds, ...patient })));
}

const entries = (client: TestClient): number => client.all("connected").length;
const back = (clients: readonly TestClient[], times: number): Promise<unknown> =>
  until("all to be back", async () => clients.every((client) => entries(client) === times), 30_000, 20);

test("refuses further clients of an address at its limit while its clients are connected", async () => {
  const gateway = await on.gateway(limit);
  await office(gateway);
  const other = await on.turnedAway(gateway, "ADDRESS_LIMIT_EXCEEDED", { user: "other" });
  expect(other.all("connected")).toEqual([]);
});

test("clients that a shed moves do not count again for the limit of their address, however often they move", async () => {
  const gateway = await on.gateway(limit);
  const clients = await office(gateway);
  for (const times of [2, 3, 4]) {
    await callApi(gateway, "/shed", { body: { connections: PEOPLE } });
    await back(clients, times);
  }
});

test("clients that a drain moves to another gateway do not count again for the limit of their address", async () => {
  const { gateways } = await on.cluster(2, limit);
  const balancer = await on.balancer(gateways);
  balancer.remove(gateways[1]!.publicPort);
  const clients = await office(balancer);
  balancer.add(gateways[1]!.publicPort);
  balancer.remove(gateways[0]!.publicPort);
  await gateways[0]!.stop();
  await back(clients, 2);
});

test("clients that a back end disconnects reconnect", async () => {
  const gateway = await on.gateway(limit);
  const clients = await office(gateway);
  for (const { user } of clients) await callApi(gateway, "/api/disconnect", { body: { userId: user } });
  await back(clients, 2);
});

test("clients whose tokens expire together reconnect with fresh ones", async () => {
  const clock = new TestClock();
  const gateway = await on.gateway(limit, clock);
  const sign = (user: string): Promise<string> => {
    const aheadSeconds = Math.ceil((clock.nowMs() - Date.now()) / 1_000);
    return signToken(JWT_SECRET, { sub: user, rooms: ["*"], lifetimeSeconds: aheadSeconds + 60 });
  };
  const people = Array.from({ length: PEOPLE }, (_, index) => `person-${index}`);
  const clients = await Promise.all(
    people.map((user) =>
      on.connect(gateway, {
        user,
        options: { ...patient.options, auth: (give) => void sign(user).then((token) => give({ token })) },
      }),
    ),
  );
  clock.advance(61_000);
  await back(clients, 2);
  expect(await metricOf(gateway, "realtime_closed_total", { reason: "token expired" })).toBe(PEOPLE);
});

test("clients that lose a long connection do not count again for the limit, and clients with short connections do", async () => {
  const clock = new TestClock();
  const gateway = await on.gateway(limit, clock);
  const clients = await office(gateway);
  clock.advance(11_000);
  for (const { socket } of clients) socket.io.engine.close();
  await back(clients, 2);
  for (const { socket } of clients) socket.io.engine.close();
  await until(
    "the limit to be felt",
    async () => (await metricOf(gateway, "realtime_refusals_total", { code: "ADDRESS_LIMIT_EXCEEDED" })) > 0,
    30_000,
    20,
  );
  for (const { socket } of clients) expect(socket.active).toBe(true);
});

test("a client that the limit refused gets in by itself when the window has ended", async () => {
  const clock = new TestClock();
  const gateway = await on.gateway(limit, clock);
  await office(gateway);
  const other = await on.turnedAway(gateway, "ADDRESS_LIMIT_EXCEEDED", { user: "other" });
  clock.advance(15 * 60_000);
  await other.next("connected");
});
