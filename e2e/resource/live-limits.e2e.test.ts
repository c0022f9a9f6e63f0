import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectClient, type Client } from "../../testkit/cluster/clients.ts";
import { startFleet, type Fleet } from "../../testkit/cluster/fleet.ts";

let fleet: Fleet;
let client: Client;
let pods: string[];
const podsNow = async () =>
  (await fleet.gateways())
    .map(({ metadata, status }) => `${metadata.uid} ${status?.containerStatuses?.[0]?.restartCount ?? 0}`)
    .sort();
beforeAll(async () => {
  fleet = await startFleet("live-limits");
  client = await connectClient(fleet, "ada");
  pods = await podsNow();
}, 240_000);
afterAll(async () => {
  client.close();
  await fleet.remove();
});

test("applies a lower limit on every pod to the next event of a connected client", async () => {
  await fleet.patchLive({ limits: { maxRoomsPerUser: 2 } });
  for (const room of ["a", "b"]) expect(await client.emit("join_room", { room })).toMatchObject({ success: true });
  expect(await client.emit("join_room", { room: "c" })).toMatchObject({
    success: false,
    code: "ROOM_LIMIT_EXCEEDED",
    currentRoomCount: 2,
  });
}, 90_000);

test("applies the limit to the user, also on a second connection to any pod", async () => {
  const others = await Promise.all(Array.from({ length: 4 }, () => connectClient(fleet, "ada")));
  for (const other of others)
    expect(await other.emit("join_room", { room: "d" })).toMatchObject({ code: "ROOM_LIMIT_EXCEEDED" });
  others.forEach((other) => other.close());
}, 30_000);

test("applies a higher limit without disconnecting a client or replacing a pod", async () => {
  await fleet.patchLive({ limits: { maxRoomsPerUser: 50 } });
  expect(await client.emit("join_room", { room: "c" })).toMatchObject({ success: true });
  expect(client.disconnects).toEqual([]);
  expect(await podsNow()).toEqual(pods);
}, 90_000);

test("applies changed origins: a removed page is refused and an added one is accepted", async () => {
  const from = (origin: string) =>
    connectClient(fleet, "eve", { options: { extraHeaders: { origin }, reconnection: false, timeout: 15_000 } });
  await fleet.patchLive({ origins: ["https://app.example.com"] });
  (await from("https://app.example.com")).close();
  await fleet.patchLive({ origins: ["https://new.example.com"] });
  (await from("https://new.example.com")).close();
  await expect(from("https://app.example.com")).rejects.toThrow(/not connected/);
  expect(await podsNow()).toEqual(pods);
}, 180_000);
