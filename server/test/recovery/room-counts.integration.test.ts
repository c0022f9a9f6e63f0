import { describe, expect, test } from "@jest/globals";
import { metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { LARGE_ROOM } from "../../src/protocol/presence.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";
import { connectedOf, cut, held, returning } from "./returning.ts";

const on = stage();

async function inRoom(at: TestGateway, user: string): Promise<TestClient> {
  const client = await on.connect(at, { user });
  expect(await client.ask("join_room", { room: "hall" })).toMatchObject({ success: true });
  return client;
}

/** Fills a room with entries of clients that do not exist. The ledger counts them as members. */
async function crowd({ ledger }: TestGateway): Promise<void> {
  for (let index = 0; index < LARGE_ROOM; index += 1)
    await ledger.enterRoom({ socketId: `socket-${index}`, userId: "crowd", namespace: "/events", room: "hall" });
}

describe("the count of a room", () => {
  test.each([
    ["the same gateway", 0],
    ["another gateway", 1],
  ])("of 100 and more is not replayed, and is sent to a client that returns to %s", async (_, target) => {
    const { gateways } = await on.cluster(2, { RECOVERY_WINDOW_SECONDS: "120" });
    const [one, two] = gateways as [TestGateway, TestGateway];
    const [ada, bob] = [await inRoom(one, "ada"), await inRoom(two, "bob")];
    await crowd(one);
    const before = held(ada);
    await cut(ada, one);
    await inRoom(two, "cid");
    await bob.next("presence", ({ participantCount }) => participantCount === LARGE_ROOM + 3);
    await inRoom(one, "dan");
    await bob.next("presence", ({ participantCount }) => participantCount === LARGE_ROOM + 4);
    const again = await on.connect(gateways[target]!, await returning(before));
    expect(connectedOf(again)).toMatchObject({ recovered: true, missed: 0 });
    expect(await again.next("presence")).toEqual({ room: "hall", participantCount: LARGE_ROOM + 4 });
    for (const gateway of gateways) expect(await metricOf(gateway, "realtime_unnumbered_messages_total")).toBe(0);
  });

  test("is sent to a client that returns after the grace", async () => {
    const { gateways } = await on.cluster(2, { RECOVERY_WINDOW_SECONDS: "120", PRESENCE_GRACE_SECONDS: "1" });
    const [one, two] = gateways as [TestGateway, TestGateway];
    const [ada, bob] = [await inRoom(one, "ada"), await inRoom(two, "bob")];
    const before = held(ada);
    await cut(ada, one);
    expect(await bob.next("user_left")).toMatchObject({ participantCount: 1 });
    await inRoom(two, "cid");
    const again = await on.connect(two, await returning(before));
    expect(connectedOf(again)).toMatchObject({ recovered: true, missed: 2 });
    expect(await again.next("presence")).toEqual({ room: "hall", participantCount: 3 });
    expect(bob.all("presence")).toEqual([]);
  });
});
