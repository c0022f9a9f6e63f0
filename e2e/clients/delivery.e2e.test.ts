import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectClient, connectMany, type Client } from "../../testkit/cluster/clients.ts";
import { startFleet, until, type Fleet } from "../../testkit/cluster/fleet.ts";
import { connectionsByPod, untilRoutedToAll } from "../support/gateway-metrics.ts";

let fleet: Fleet;
let clients: Client[];
beforeAll(async () => {
  fleet = await startFleet("delivery", { limits: { maxConnectionsPerAddress: 10_000 } });
  await untilRoutedToAll(fleet);
  clients = await connectMany(fleet, 40);
}, 240_000);
afterAll(async () => {
  clients.forEach((client) => client.close());
  await fleet.remove();
});

test("connects forty clients to both pods", async () => {
  const counts = Object.values(await connectionsByPod(fleet));
  expect(counts).toHaveLength(2);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40);
});

test("delivers a message exactly once to every member on both pods, and to no other client", async () => {
  const members = clients.slice(0, 30);
  const outsiders = clients.slice(30);
  for (const client of members)
    expect(await client.emit("join_room", { room: "lobby" })).toMatchObject({ success: true });
  const [sender] = members;
  expect(await sender?.emit("send_message", { room: "lobby", message: "first" })).toMatchObject({ success: true });
  await until(
    "every member to have the message",
    async () => members.every((client) => client.messages().length > 0),
    10_000,
  );
  // Send a second message and wait for it: it takes the same path, so a duplicate of the first message would arrive
  // before it.
  await sender?.emit("send_message", { room: "lobby", message: "second" });
  await until(
    "every member to have the second message",
    async () => members.every((client) => client.messages().includes("second")),
    10_000,
  );
  for (const client of members) expect(client.messages()).toEqual(["first", "second"]);
  for (const client of outsiders) expect(client.messages()).toEqual([]);
});

test("refuses a message from a client that is not in the room", async () => {
  const outsider = clients[39];
  expect(await outsider?.emit("send_message", { room: "lobby", message: "hello" })).toMatchObject({
    success: false,
    code: "NOT_IN_ROOM",
  });
});

test("refuses a room that the token does not list, and a token of another key", async () => {
  const limited = await connectClient(fleet, "limited", { rooms: ["case:*"] });
  expect(await limited.emit("join_room", { room: "lobby" })).toMatchObject({ success: false, code: "FORBIDDEN" });
  expect(await limited.emit("subscribe:case", { caseId: "7" })).toMatchObject({ status: "subscribed", caseId: "7" });
  limited.close();
  const stranger = { ...fleet, token: async () => "not.a.token" };
  await expect(connectClient(stranger, "eve", { options: { reconnection: false, timeout: 15_000 } })).rejects.toThrow(
    /UNAUTHENTICATED/,
  );
}, 30_000);
