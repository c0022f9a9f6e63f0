import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectClient } from "../../testkit/cluster/clients.ts";
import { emptyFleet, minimalExample, until, type Fleet } from "../../testkit/cluster/fleet.ts";

let fleet: Fleet;
beforeAll(async () => {
  fleet = await emptyFleet("gateway");
  const gateway = { parentRefs: [{ name: "lab", namespace: "traefik" }] };
  await fleet.apply(minimalExample(fleet, { exposure: { type: "Gateway", host: fleet.host, gateway } }));
  await fleet.waitReady();
}, 240_000);
afterAll(() => fleet.remove());

test("connects a stock client through an HTTPRoute, without an Ingress", async () => {
  const client = await connectClient(fleet, "ada");
  expect(await client.emit("join_room", { room: "lobby" })).toMatchObject({ success: true });
  client.close();
  expect(await fleet.list("ingresses")).toEqual([]);
  expect(await fleet.condition("ExposureReady")).toMatchObject({ status: "True" });
}, 60_000);

test("removes the HTTPRoute and keeps the gateways when exposure changes to Ingress", async () => {
  const before = (await fleet.gateways()).map(({ metadata }) => metadata.uid);
  await fleet.apply(minimalExample(fleet));
  await until(
    "the Ingress to replace the route",
    async () => (await fleet.list("ingresses")).length === 1 && (await fleet.list("httproutes")).length === 0,
    30_000,
  );
  (await connectClient(fleet, "ada")).close();
  expect((await fleet.gateways()).map(({ metadata }) => metadata.uid)).toEqual(before);
}, 90_000);
