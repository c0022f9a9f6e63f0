import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectClient, connectMany, type Client } from "../../testkit/cluster/clients.ts";
import { startFleet, until, type Fleet } from "../../testkit/cluster/fleet.ts";

let fleet: Fleet;
let clients: Client[];
beforeAll(async () => {
  fleet = await startFleet("redis-outage");
  clients = await connectMany(fleet, 12);
  for (const client of clients) await client.emit("join_room", { room: "lobby" });
}, 240_000);
afterAll(async () => {
  clients.forEach((client) => client.close());
  await fleet.remove();
});

const restarts = async () =>
  (await fleet.gateways()).map(({ metadata, status }) => [metadata.uid, status?.containerStatuses?.[0]?.restartCount]);

test("keeps gateways and connections and serves local clients when Redis is down", async () => {
  const before = await restarts();
  await fleet.kubectl(["patch", "rtc", fleet.name, "--type=merge", "--patch", '{"spec":{"paused":true}}']);
  await until(
    "the operator to see the pause",
    async () => (await fleet.condition("ReconciliationPaused"))?.status === "True",
    20_000,
  );
  await fleet.kubectl(["scale", "statefulset", `${fleet.name}-redis`, "--replicas=0"]);
  await until(
    "Redis to be gone",
    async () => (await fleet.list("pods", "app.kubernetes.io/component=redis")).length === 0,
    60_000,
  );
  const [sender] = clients;
  const answer = await sender?.emit("send_message", { room: "lobby", message: "without redis" });
  expect(answer).toMatchObject({ success: true });
  await until(
    "the sender's own pod to deliver the message",
    async () => sender?.messages().includes("without redis") === true,
    10_000,
  );
  const late = await connectClient(fleet, "late");
  expect(await late.emit("join_room", { room: "lobby" })).toMatchObject({ success: true });
  late.close();
  expect(await restarts()).toEqual(before);
  for (const client of clients) expect(client.disconnects).toEqual([]);
}, 120_000);

test("delivers across pods again on the same connections when Redis returns", async () => {
  await fleet.patch({ spec: { paused: false } });
  await until("Redis to be ready", async () => (await fleet.condition("RedisReady"))?.status === "True", 90_000);
  const [sender] = clients;
  let round = 0;
  await until(
    "a message to reach every client on both pods",
    async () => {
      const message = `back ${round++}`;
      await sender?.emit("send_message", { room: "lobby", message });
      await until("the members", async () => clients.every((client) => client.messages().includes(message)), 2000);
      return true;
    },
    60_000,
  );
  for (const client of clients) expect(client.disconnects).toEqual([]);
}, 180_000);
