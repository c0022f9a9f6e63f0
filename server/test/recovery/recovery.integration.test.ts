import { describe, expect, test } from "@jest/globals";
import { callApi, metricOf } from "../../../testkit/gateway/gateway-api.ts";
import type { ClientOptions, TestClient } from "../../../testkit/gateway/gateway-client.ts";
import type { Ports } from "../../../testkit/gateway/gateway-settings.ts";
import { until } from "../../../testkit/until.ts";
import { parseOffset } from "../../src/recovery/offset.ts";
import { stage } from "../support/stage.ts";
import { connectedOf, cut, held, returning, type Held } from "./returning.ts";

const { cluster, gateway, connect, open } = stage();
const on = { RECOVERY_WINDOW_SECONDS: "60" };
const off = { RECOVERY_WINDOW_SECONDS: "0" };

/** Connects a client that returns to its session with this pid and offset. */
const back = async (to: Pick<Ports, "publicPort">, what: Held, options: ClientOptions = {}): Promise<TestClient> =>
  connect(to, await returning(what, options));

const messages = (client: TestClient): unknown[] => client.all("message").map(({ message }) => message);
const has = (client: TestClient, ...wanted: unknown[]) =>
  until("its messages", async () => messages(client).length >= wanted.length, 10_000, 5).then(() =>
    expect(messages(client)).toEqual(wanted),
  );

describe("a client that returns", () => {
  test("is in its rooms on another gateway, with what it missed, when its connection was cut", async () => {
    const { gateways } = await cluster(2, on);
    const [one, two] = gateways;
    const ada = await connect(one!);
    const bob = await connect(two!, { user: "bob" });
    for (const client of [ada, bob]) await client.ask("join_room", { room: "team" });
    expect(await bob.ask("send_message", { room: "team", message: 1 })).toMatchObject({ success: true, stored: true });
    await has(ada, 1);
    const before = held(ada);
    await cut(ada, one!);
    for (const message of [2, 3]) await bob.ask("send_message", { room: "team", message });
    const again = await back(two!, before);
    await bob.ask("send_message", { room: "team", message: 4 });
    await has(again, 2, 3, 4);
    expect(held(again).pid).toBe(before.pid);
    expect(again.socket.id).toBe(ada.all("connected")[0]!["socketId"]);
    expect(connectedOf(again)).toMatchObject({ recovered: true, missed: 2, lostRooms: [] });
    expect(bob.all("user_left")).toEqual([]);
    expect(bob.all("user_joined")).toEqual([]);
    expect(await metricOf(two!, "realtime_recoveries_total", { result: "recovered" })).toBe(1);
    expect(await metricOf(two!, "realtime_replayed_messages_total")).toBe(2);
  });

  test("replaces its old connection when that is still open", async () => {
    const { gateways } = await cluster(2, on);
    const [one, two] = gateways;
    for (const [room, target] of [
      ["here", one!],
      ["elsewhere", two!],
    ] as const) {
      const ada = await connect(one!);
      await ada.ask("join_room", { room });
      await back(target, held(ada));
      await until("the old connection to end", async () => ada.disconnects.length === 1, 10_000, 5);
      const count = async () => (await two!.ledger.presence("/events", room)).participantCount;
      await until("one participant", async () => (await count()) === 1, 5_000, 10);
    }
  });

  test("gets nothing of another user's session, which stays as it was", async () => {
    const { gateways } = await cluster(2, on);
    const [one, two] = gateways;
    const ada = await connect(one!);
    await ada.ask("join_room", { room: "team" });
    const stolen = held(ada);
    await cut(ada, one!);
    const eve = await back(two!, stolen, { user: "eve" });
    expect(connectedOf(eve)).toMatchObject({ recovered: false, missed: 0 });
    expect(held(eve).pid).not.toBe(stolen.pid);
    const again = await back(two!, stolen);
    expect(connectedOf(again)).toMatchObject({ recovered: true });
  });

  test("does not get rooms that its token no longer opens, nor their messages", async () => {
    const { gateways } = await cluster(2, on);
    const [one, two] = gateways;
    const ada = await connect(one!);
    const bob = await connect(two!, { user: "bob" });
    for (const room of ["open", "closed"]) for (const client of [ada, bob]) await client.ask("join_room", { room });
    const before = held(ada);
    await cut(ada, one!);
    for (const room of ["closed", "open"]) await bob.ask("send_message", { room, message: room });
    const again = await back(two!, before, { rooms: ["open"] });
    expect(connectedOf(again)).toMatchObject({ recovered: true, missed: 1, lostRooms: ["closed"] });
    await has(again, "open");
  });

  test("is told of a lost room again when it may not have received the answer, and not after that", async () => {
    const { gateways } = await cluster(2, on);
    const [one, two] = gateways;
    const ada = await connect(one!);
    const bob = await connect(two!, { user: "bob" });
    for (const room of ["open", "closed"]) for (const client of [ada, bob]) await client.ask("join_room", { room });
    const before = held(ada);
    await cut(ada, one!);
    const rooms = ["open"];
    expect(connectedOf(await back(two!, before, { rooms }))).toMatchObject({ lostRooms: ["closed"] });
    const third = await back(one!, before, { rooms });
    expect(connectedOf(third)).toMatchObject({ recovered: true, lostRooms: ["closed"] });
    await bob.ask("send_message", { room: "open", message: 1 });
    await has(third, 1);
    const fourth = await back(two!, held(third), { rooms });
    expect(connectedOf(fourth)).toMatchObject({ recovered: true, lostRooms: [] });
  });

  test.each([
    ["it has left by itself", async (ada: TestClient) => void ada.socket.disconnect()],
    [
      "a back end has disconnected it",
      async (_: TestClient, ports: Ports) =>
        void (await callApi(ports, "/api/disconnect", { body: { userId: "ada" } })),
    ],
  ])("begins again when %s", async (_, leave) => {
    const { gateways } = await cluster(2, on);
    const [one, two] = gateways;
    const ada = await connect(one!);
    await ada.ask("join_room", { room: "team" });
    const before = held(ada);
    await leave(ada, one!);
    await until("it to be gone", async () => ada.disconnects.length > 0, 10_000, 5);
    const again = await back(two!, before);
    expect(connectedOf(again)).toMatchObject({ recovered: false });
    expect(held(again).pid).not.toBe(before.pid);
    expect(await metricOf(two!, "realtime_recoveries_total", { result: "unknown" })).toBe(1);
  });

  test("does not get messages that were sent before it entered a room", async () => {
    const { gateways } = await cluster(2, on);
    const [one, two] = gateways;
    const ada = await connect(one!);
    const bob = await connect(one!, { user: "bob" });
    await bob.ask("join_room", { room: "team" });
    await bob.ask("send_message", { room: "team", message: "before" });
    await ada.ask("subscribe:case", { caseId: "7" });
    await ada.ask("join_room", { room: "team" });
    const before = held(ada);
    await cut(ada, one!);
    await bob.ask("send_message", { room: "team", message: "after" });
    const again = await back(two!, before);
    await has(again, "after");
  });

  test("is recovered in a quiet room, and not in one whose messages have been evicted", async () => {
    const one = await gateway({ ...on, RECOVERY_MAX_BYTES: "1048576" });
    const quiet = await connect(one);
    const loud = await connect(one, { user: "bob" });
    await quiet.ask("join_room", { room: "quiet" });
    await loud.ask("join_room", { room: "loud" });
    const [ofQuiet, ofLoud] = [held(quiet), held(loud)];
    await cut(quiet, one);
    await cut(loud, one);
    const data = "x".repeat(100_000);
    for (let count = 0; count < 30; count += 1)
      await callApi(one, "/api/publish", { body: { room: "loud", event: "noise", data } });
    expect(connectedOf(await back(one, ofQuiet))).toMatchObject({ recovered: true, missed: 0 });
    expect(connectedOf(await back(one, ofLoud, { user: "bob" }))).toMatchObject({ recovered: false });
    expect(await metricOf(one, "realtime_recoveries_total", { result: "too_old" })).toBe(1);
    expect(await metricOf(one, "realtime_recovery_window_seconds")).toBeLessThan(60);
  });

  test("is not recovered when it missed more than is replayed", async () => {
    const one = await gateway(on);
    const ada = await connect(one);
    await ada.ask("join_room", { room: "team" });
    const before = held(ada);
    await cut(ada, one);
    for (let count = 0; count < 1_001; count += 1)
      one.gateway.io.of("/events").to("team").emit("message", { message: count });
    expect(connectedOf(await back(one, before))).toMatchObject({ recovered: false });
    expect(await metricOf(one, "realtime_recoveries_total", { result: "too_much" })).toBe(1);
  });

  test("has left its rooms in the view of the others when the grace has passed, and enters them again when it returns later", async () => {
    const { gateways } = await cluster(2, { ...on, PRESENCE_GRACE_SECONDS: "1" });
    const [one, two] = gateways;
    const ada = await connect(one!);
    const bob = await connect(two!, { user: "bob" });
    for (const client of [bob, ada]) await client.ask("join_room", { room: "team" });
    await bob.next("user_joined");
    const before = held(ada);
    await cut(ada, one!);
    await bob.next("user_left");
    const again = await back(two!, before);
    expect(connectedOf(again)).toMatchObject({ recovered: true });
    await until("the others to hear of it", async () => bob.all("user_joined").length === 2, 5_000, 5);
  });
});

describe("every event", () => {
  test("ends with an offset of at most 32 bytes", async () => {
    const { gateways } = await cluster(2, on);
    const ada = await open(gateways[0]!);
    const seen = new Map<string, unknown>();
    ada.socket.onAny((event: string, ...args: unknown[]) => void seen.set(event, args.at(-1)));
    await ada.next("connected");
    await ada.ask("join_room", { room: "team" });
    await ada.ask("nonsense", {});
    await ada.ask("send_message", { room: "team", message: "text" });
    await ada.ask("send_message", { room: "team", message: { bytes: Buffer.from([1, 2, 3]) } });
    const bob = await connect(gateways[1]!, { user: "bob" });
    await bob.ask("join_room", { room: "team" });
    await ada.next("user_joined");
    gateways[0]!.gateway.io.of("/events").volatile.emit("cursor", "a text");
    await ada.next("cursor");
    expect([...seen.keys()].sort()).toEqual(["connected", "cursor", "error", "message", "user_joined"]);
    for (const offset of seen.values()) {
      expect(parseOffset(offset)).toBeDefined();
      expect(String(offset).length).toBeLessThanOrEqual(32);
    }
  });

  test("carries none, and CONNECT no pid, when recovery is off", async () => {
    const one = await gateway(off);
    const ada = await open(one);
    const counts: number[] = [];
    ada.socket.onAny((_: string, ...args: unknown[]) => void counts.push(args.length));
    await ada.next("connected");
    expect(counts).toEqual([1]);
    expect(held(ada).pid).toBeUndefined();
    expect(connectedOf(ada)).not.toHaveProperty("recovered");
  });
});

describe("invented pids and offsets", () => {
  test.each<[string, unknown]>([
    ["an offset that is none", "connected"],
    ["an offset of the future", "zzzzzzzz.zzzz"],
    ["an absurd number of messages", "a.zzzzzzzzz"],
    ["an object", { s: 1 }],
    ["nothing", undefined],
  ])("%s is not recovered", async (_, offset) => {
    const one = await gateway(on);
    const ada = await connect(one);
    const { pid } = held(ada);
    await cut(ada, one);
    const again = await back(one, { pid, offset: offset as string });
    expect(connectedOf(again)).toMatchObject({ recovered: false });
    expect(held(again).pid).not.toBe(pid);
  });

  test("a pid that no gateway has created is not recovered", async () => {
    const one = await gateway(on);
    for (const pid of ["", "x", "x".repeat(24), "x".repeat(100_000), 7 as unknown as string]) {
      const client = await back(one, { pid, offset: one.gateway.io.sockets.name && "a.1" });
      expect(connectedOf(client)).toMatchObject({ recovered: false });
    }
  });
});

describe("a rollout that turns recovery on", () => {
  test("delivers once between gateways with and without it, in both directions", async () => {
    const { redis, gateways } = await cluster(1, on);
    const old = await gateway({ ...off, REDIS_ENABLED: "true", REDIS_URL: redis.url });
    await old.bus.whenReady();
    const [ada, bob] = [await connect(gateways[0]!), await connect(old, { user: "bob" })];
    for (const client of [ada, bob]) await client.ask("join_room", { room: "team" });
    for (const message of [1, 2]) await ada.ask("send_message", { room: "team", message });
    await has(bob, 1, 2);
    await bob.ask("send_message", { room: "team", message: 3 });
    await has(ada, 1, 2, 3);
    await has(bob, 1, 2, 3);
    expect(await metricOf(gateways[0]!, "realtime_unnumbered_messages_total")).toBeGreaterThan(0);
  });
});
