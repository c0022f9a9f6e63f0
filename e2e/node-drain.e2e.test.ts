import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectMany, type Client } from "../testkit/cluster/clients.ts";
import { startFleet, until, type Fleet, type KubeView } from "../testkit/cluster/fleet.ts";
import { untilRoutedToAll } from "./support/gateway-metrics.ts";

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

/** What kubectl drain asks for each pod of a node. Rejects with the API server's words where a disruption budget forbids it. */
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

test("one gateway is evicted and moves its clients; the other is refused until a new one is ready, and then goes too", async () => {
  const [first, second] = await fleet.gateways();
  if (first === undefined || second === undefined) throw new Error("two gateways are wanted");
  // The budget's controller may not have counted the pods yet.
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
  // kubectl drain repeats a refused eviction every five seconds.
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
    "two other gateways and no old one",
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

test("every client was told before, was moved in a way after which it comes back by itself, and is back", async () => {
  await until("every client to be connected", async () => clients.every(({ socket }) => socket.connected), 30_000);
  for (const { disconnects, seen } of clients) {
    expect(disconnects.length).toBeGreaterThan(0);
    expect(disconnects).not.toContain("io server disconnect"); // after which a stock client stays away
    expect(seen.filter(({ event }) => event === "server:draining").length).toBeGreaterThanOrEqual(disconnects.length);
    expect(seen.filter(({ event }) => event === "connected")).toHaveLength(disconnects.length + 1);
  }
}, 60_000);
