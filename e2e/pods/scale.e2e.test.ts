import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectClient, connectMany } from "../../testkit/cluster/clients.ts";
import { startFleet, until, type Fleet } from "../../testkit/cluster/fleet.ts";

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet("scale", { drain: { connectionsPerSecond: 50, timeoutSeconds: 30 } });
}, 240_000);
afterAll(() => fleet.remove());

const readyGateways = async () =>
  (await fleet.gateways()).filter(({ status }) => status?.containerStatuses?.every(({ ready }) => ready) === true);

test("adds a third pod with kubectl scale and keeps the other two", async () => {
  const before = (await fleet.gateways()).map(({ metadata }) => metadata.uid);
  await fleet.kubectl(["scale", `rtc/${fleet.name}`, "--replicas=3"]);
  await until("three gateways to be ready", async () => (await readyGateways()).length === 3, 60_000);
  expect((await fleet.gateways()).map(({ metadata }) => metadata.uid)).toEqual(expect.arrayContaining(before));
  const scale = JSON.parse(
    await fleet.kubectl([
      "get",
      "--raw",
      `/apis/realtime.dev/v1beta1/namespaces/${fleet.namespace}/realtimeclusters/${fleet.name}/scale`,
    ]),
  ) as { status: { selector: string } };
  expect(scale.status.selector).toContain(`app.kubernetes.io/instance=${fleet.name}`);
}, 90_000);

test("reconnects the removed pod's clients when it scales back to two", async () => {
  const clients = await connectMany(fleet, 15, { prefix: "scaled" });
  for (const client of clients) client.socket.on("connect", () => client.socket.emit("join_room", { room: "after" }));
  for (const client of clients) await client.emit("join_room", { room: "after" });
  await fleet.kubectl(["scale", `rtc/${fleet.name}`, "--replicas=2"]);
  await until(
    "two gateways, and no other pod, to run",
    async () => (await fleet.list("pods", "app.kubernetes.io/component=server")).length === 2,
    90_000,
    500,
  );
  await until("every client to be connected", async () => clients.every((client) => client.socket.connected), 30_000);
  // No client may be disconnected with the reason "io server disconnect", because a stock client does not reconnect
  // after it.
  for (const client of clients) expect(client.disconnects).not.toContain("io server disconnect");
  const sender = await connectClient(fleet, "sender");
  await until(
    "every client to be back in the room",
    async () => Number((await sender.emit("join_room", { room: "after" }))["participantCount"]) >= 16,
    20_000,
    500,
  );
  await sender.emit("send_message", { room: "after", message: "still here" });
  await until(
    "every client to have the message",
    async () => clients.every((client) => client.messages().includes("still here")),
    10_000,
  );
  [...clients, sender].forEach((client) => client.close());
}, 200_000);
