import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectMany, type Client } from "../../testkit/cluster/clients.ts";
import { startFleet, until, type Fleet, type KubeView } from "../../testkit/cluster/fleet.ts";
import { untilRoutedToAll } from "../support/gateway-metrics.ts";

let fleet: Fleet;
let clients: Client[];
beforeAll(async () => {
  fleet = await startFleet("node-drain", { drain: { connectionsPerSecond: 10, timeoutSeconds: 30 } });
  await untilRoutedToAll(fleet);
  clients = await connectMany(fleet, 20);
}, 240_000);
afterAll(async () => {
  clients.forEach((client) => client.close());
  await fleet.remove();
});

/**
 * Evicts a pod, as kubectl drain does. If a PodDisruptionBudget forbids the eviction, rejects with the API server's
 * message.
 */
async function evict({ metadata: { name, uid } }: KubeView): Promise<void> {
  const eviction = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name, namespace: fleet.namespace },
    deleteOptions: { preconditions: { uid } },
  };
  await fleet.kubectl(["create", "--raw", `/api/v1/namespaces/${fleet.namespace}/pods/${name}/eviction`, "-f", "-"], {
    input: JSON.stringify(eviction),
  });
}

test("evicts one gateway, which moves its clients, and the other only when a new one is ready", async () => {
  const [first, second] = await fleet.gateways();
  if (first === undefined || second === undefined) throw new Error("this test needs two gateways");
  // Retry, because the controller of the PodDisruptionBudget may not have counted the pods yet.
  await until(
    "the first eviction to be allowed",
    () =>
      evict(first).then(
        () => true,
        () => false,
      ),
    30_000,
    500,
  );
  await expect(evict(second)).rejects.toThrow(/disruption budget/);
  // Retry, as kubectl drain does every five seconds after a refused eviction.
  await until(
    "the second eviction to be allowed",
    () =>
      evict(second).then(
        () => true,
        () => false,
      ),
    90_000,
    500,
  );
  expect((await fleet.list("pods")).map(({ metadata }) => metadata.uid)).not.toContain(first.metadata.uid);
  await until(
    "two other gateways, and no old one, to run",
    async () => {
      const pods = await fleet.list("pods", "app.kubernetes.io/component=server");
      return (
        pods.length === 2 &&
        pods.every(
          ({ metadata, status }) =>
            metadata.uid !== second.metadata.uid && status?.containerStatuses?.[0]?.ready === true,
        )
      );
    },
    90_000,
    500,
  );
}, 240_000);

test("announces the drain to every client, and all reconnect by themselves", async () => {
  await until("every client to be connected", async () => clients.every(({ socket }) => socket.connected), 30_000);
  for (const { disconnects, seen } of clients) {
    expect(disconnects.length).toBeGreaterThan(0);
    expect(disconnects).not.toContain("io server disconnect"); // a stock client does not reconnect after it
    expect(seen.filter(({ event }) => event === "server:draining").length).toBeGreaterThanOrEqual(disconnects.length);
    expect(seen.filter(({ event }) => event === "connected")).toHaveLength(disconnects.length + 1);
  }
}, 60_000);
