import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectClient, type Client } from "../../testkit/cluster/clients.ts";
import { startFleet, until, type Fleet, type KubeView } from "../../testkit/cluster/fleet.ts";
import { connectionsByPod, untilRoutedToAll } from "../support/gateway-metrics.ts";

const CLIENTS = 12;
let fleet: Fleet;
beforeAll(async () => {
  // Raise the limit of connections per IP address: a client that is refused by this limit would look like one without
  // affinity.
  fleet = await startFleet("polling", {
    transports: ["websocket", "polling"],
    limits: { maxConnectionsPerAddress: 10_000 },
  });
  await untilRoutedToAll(fleet);
}, 240_000);
afterAll(() => fleet.remove());

/**
 * Connects polling clients that keep cookies, as browsers do. `failed` is the number of clients that lost their
 * connection.
 */
async function pollingClients(): Promise<{ working: Client[]; failed: number }> {
  const tries = Array.from({ length: CLIENTS }, async (_, index) => {
    const client = await connectClient(fleet, `poller-${index}`, {
      options: { transports: ["polling"], upgrade: false, withCredentials: true, reconnection: false },
    });
    try {
      // Send several events: each is an HTTP request of its own, which reaches another pod if there is no affinity.
      for (let round = 0; round < 4; round++) await client.emit("join_room", { room: `poll-${index}-${round}` });
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  });
  const settled = await Promise.allSettled(tries);
  const working = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  return { working, failed: CLIENTS - working.length };
}

test("keeps polling clients connected to both pods with affinity", async () => {
  const { working, failed } = await pollingClients();
  expect(failed).toBe(0);
  const counts = Object.values(await connectionsByPod(fleet));
  expect(Math.min(...counts)).toBeGreaterThan(0);
  const [first, ...others] = working;
  for (const client of working) await client.emit("join_room", { room: "pollers" });
  await first?.emit("send_message", { room: "pollers", message: "hello" });
  await until(
    "every polling client to have the message",
    async () => others.every((client) => client.messages().includes("hello")),
    10_000,
  );
  working.forEach((client) => client.close());
}, 90_000);

test("loses the same clients without affinity, so the test above can fail", async () => {
  await fleet.patch({ spec: { paused: true } }); // otherwise the operator would restore annotations
  await until(
    "the operator to see the pause",
    async () => (await fleet.condition("ReconciliationPaused"))?.status === "True",
    20_000,
  );
  const service = await fleet.get<KubeView>("service", `${fleet.name}-server`);
  const sticky = Object.keys(service.metadata.annotations ?? {}).filter((name) => name.includes("sticky"));
  expect(sticky.length).toBeGreaterThan(0);
  await fleet.kubectl(["annotate", "service", `${fleet.name}-server`, ...sticky.map((name) => `${name}-`)]);
  await until(
    "polling clients to lose their connections",
    async () => {
      const { working, failed } = await pollingClients();
      working.forEach((client) => client.close());
      return failed > 0;
    },
    60_000,
    1000,
  );
  await fleet.patch({ spec: { paused: false } });
  await until(
    "the operator to restore the affinity",
    async () => {
      const { metadata } = await fleet.get<KubeView>("service", `${fleet.name}-server`);
      return sticky.every((name) => metadata.annotations?.[name] !== undefined);
    },
    30_000,
  );
}, 180_000);
