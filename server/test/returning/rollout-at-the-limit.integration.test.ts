import { expect, test } from "@jest/globals";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import type { TestRedis } from "../../../testkit/redis.ts";
import { until } from "../../../testkit/until.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const USERS = 10;
const EACH = 3;
const LIMIT = USERS * EACH;
const patient = { options: { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 300 } };
const limits = {
  WS_MAX_GLOBAL_CONNECTIONS: String(LIMIT),
  WS_MAX_CONNECTIONS_PER_USER: String(EACH),
  // All clients have the same address. One more client may try.
  WS_MAX_CONNECTIONS_PER_ADDRESS: String(LIMIT + 1),
};

/** Two gateways whose cluster is full, and a balancer in front of them. */
async function fullCluster() {
  const { redis, gateways } = await on.cluster(2, limits);
  const balancer = await on.balancer(gateways);
  const clients: TestClient[] = [];
  for (let index = 0; index < LIMIT; index += 1)
    clients.push(await on.connect(balancer, { user: `user-${index % USERS}`, ...patient }));
  const running = [...gateways];
  let most = 0;
  const seated = () => running.reduce((sum, { gateway }) => sum + gateway.seatedCount(), 0);
  const sampling = setInterval(() => (most = Math.max(most, seated())), 1);
  on.defer(() => clearInterval(sampling));
  return {
    ...{ redis, gateways, balancer, clients },
    most: () => most,
    /** Starts a gateway as a rollout does: it gets connections when it is ready, and another gateway then stops. */
    replace: async (old: TestGateway) => {
      const env = { REDIS_ENABLED: "true", REDIS_URL: redis.url, ...limits };
      const next = await on.gateway(env);
      running.push(next);
      await next.bus.whenReady();
      balancer.add(next.publicPort);
      balancer.remove(old.publicPort);
      await old.stop();
    },
  };
}

async function allIn(clients: readonly TestClient[]): Promise<void> {
  const areIn = async () => clients.every(({ socket }) => socket.connected);
  await until("all clients to be in", areIn, 60_000, 20);
}

test("lets every client of a full cluster in again when all gateways are replaced, and never one more", async () => {
  const { gateways, balancer, clients, most, replace } = await fullCluster();
  const further = await on.open(balancer, { user: "further", ...patient });
  for (const gateway of gateways) await replace(gateway);
  await until(
    "the cluster to be full",
    async () => [...clients, further].filter(({ socket }) => socket.connected).length === LIMIT,
    60_000,
    20,
  );
  further.close();
  await allIn(clients);
  expect(most()).toBe(LIMIT);
}, 120_000);

test.each([
  {
    when: "before a gateway stops",
    cut: async (redis: TestRedis, stop: () => Promise<void>) => (await redis.kill(), stop()),
  },
  {
    when: "while a gateway stops",
    cut: async (redis: TestRedis, stop: () => Promise<void>) => {
      const stopped = stop();
      await redis.kill();
      return stopped;
    },
  },
])(
  "lets every client of a full cluster in again when Redis fails $when and comes back",
  async ({ cut }) => {
    const { redis, gateways, balancer, clients, most, replace } = await fullCluster();
    balancer.remove(gateways[1]!.publicPort);
    await cut(redis, () => gateways[1]!.stop());
    await redis.restart();
    await allIn(clients);
    await replace(gateways[0]!);
    await allIn(clients);
    expect(most()).toBe(LIMIT);
  },
  120_000,
);
