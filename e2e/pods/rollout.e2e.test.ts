import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectClient, connectMany, type Client } from "../../testkit/cluster/clients.ts";
import { startFleet, until, type Fleet } from "../../testkit/cluster/fleet.ts";

let fleet: Fleet;
let clients: Client[];
beforeAll(async () => {
  fleet = await startFleet("rollout", { drain: { connectionsPerSecond: 20, timeoutSeconds: 30 } });
  clients = await connectMany(fleet, 30);
  for (const client of clients) {
    client.socket.on("connect", () => client.socket.emit("join_room", { room: "lobby" }));
    await client.emit("join_room", { room: "lobby" });
  }
}, 240_000);
afterAll(async () => {
  clients.forEach((client) => client.close());
  await fleet.remove();
});

const uids = async () => (await fleet.gateways()).map(({ metadata }) => metadata.uid);

test("announces a rolling change to every client, replaces every pod, and all clients reconnect", async () => {
  const before = await uids();
  await fleet.patch({ spec: { podPatch: { metadata: { annotations: { "example.com/release": "2" } } } } });
  await until(
    "two other gateways, and no old one, to run",
    async () => {
      const all = await fleet.list(
        "pods",
        `app.kubernetes.io/component=server,app.kubernetes.io/instance=${fleet.name}`,
      );
      return all.length === 2 && all.every(({ metadata }) => !before.includes((metadata as { uid: string }).uid));
    },
    150_000,
    500,
  );
  await until("every client to be connected", async () => clients.every((client) => client.socket.connected), 30_000);
  for (const client of clients) {
    expect(client.disconnects).not.toContain("io server disconnect"); // a stock client does not reconnect after it
    expect(client.disconnects.length).toBeGreaterThan(0);
    const drainings = client.seen.filter(({ event }) => event === "server:draining").length;
    expect(drainings).toBeGreaterThanOrEqual(client.disconnects.length);
  }
}, 200_000);

test("delivers a message to each client exactly once after the change", async () => {
  const sender = await connectClient(fleet, "sender");
  await until(
    "every client to be back in the room",
    async () => Number((await sender.emit("join_room", { room: "lobby" }))["participantCount"]) === 31,
    20_000,
    500,
  );
  for (const message of ["first", "second"]) {
    await sender.emit("send_message", { room: "lobby", message });
    await until(
      `every client to have the ${message}`,
      async () => clients.every((client) => client.messages().includes(message)),
      10_000,
    );
  }
  for (const client of clients) expect(client.messages()).toEqual(["first", "second"]);
  sender.close();
}, 60_000);
