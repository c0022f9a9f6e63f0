import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();
const put = (gateway: TestGateway, body: unknown) => callApi(gateway, "/config", { method: "PUT", body });
const get = async (gateway: TestGateway) => (await callApi(gateway, "/config")).body;

describe("PUT /config", () => {
  let gateway: TestGateway;
  beforeEach(async () => {
    gateway = await on.gateway({ WS_MAX_ROOMS_PER_USER: "1" });
  });

  test("puts limits in force for clients that are connected, and closes none", async () => {
    const ada = await on.connect(gateway);
    await ada.ask("join_room", { room: "one" });
    expect(await ada.ask("join_room", { room: "two" })).toMatchObject({ code: "ROOM_LIMIT_EXCEEDED" });
    const { status, body } = await put(gateway, {
      generation: 1,
      limits: { maxRoomsPerUser: 2, maxMessageBytes: 1024 },
    });
    expect([status, body]).toEqual([200, await get(gateway)]);
    expect(await ada.ask("join_room", { room: "two" })).toMatchObject({ success: true });
    expect(await ada.ask("send_message", { room: "two", message: "x".repeat(2_000) })).toMatchObject({
      code: "MESSAGE_TOO_LARGE",
    });
    expect(ada.disconnects).toEqual([]);
  });

  test("raises the size of a message for open connections as well", async () => {
    const small = await on.gateway({ WS_MAX_MESSAGE_BYTES: "1024" });
    const ada = await on.connect(small);
    await ada.ask("join_room", { room: "one" });
    await put(small, { generation: 1, limits: { maxMessageBytes: 1_048_576 } });
    expect(await ada.ask("send_message", { room: "one", message: "x".repeat(1_000_000) })).toMatchObject({
      success: true,
    });
    expect(String((await ada.next("message"))["message"])).toHaveLength(1_000_000);
  });

  test("with fewer connections than there are closes none, and lets in nobody until there is room", async () => {
    const clients = [await on.connect(gateway, { user: "ada" }), await on.connect(gateway, { user: "bob" })];
    await put(gateway, { generation: 1, limits: { maxConnections: 1 } });
    await on.turnedAway(gateway, "GLOBAL_LIMIT_EXCEEDED", { user: "eve" });
    expect(clients.every(({ socket }) => socket.connected)).toBe(true);
  });

  test("answers with a hash over the content, the same on every gateway with the same content", async () => {
    const other = await on.gateway({ WS_MAX_ROOMS_PER_USER: "7" });
    const content = {
      generation: 3,
      limits: { maxRoomsPerUser: 9 },
      origins: ["https://app.example.com"],
      rooms: "open",
      drain: { connectionsPerSecond: 7 },
    };
    const [one, two] = [await put(gateway, content), await put(other, content)];
    expect(one.body["hash"]).toMatch(/^[\da-f]{64}$/);
    expect(two.body["hash"]).toBe(one.body["hash"]);
    expect((await put(gateway, { generation: 4 })).body["hash"]).not.toBe(one.body["hash"]);
  });

  test("ignores an older generation, and answers with what is in force", async () => {
    await put(gateway, { generation: 5, limits: { maxRoomsPerUser: 5 } });
    const { status, body } = await put(gateway, { generation: 4, limits: { maxRoomsPerUser: 4 } });
    expect([status, body]).toEqual([200, await get(gateway)]);
    expect(body).toMatchObject({ generation: 5, limits: { maxRoomsPerUser: 5 } });
  });

  test.each<{ name: string; body: unknown; want: string }>([
    { name: "no generation", body: {}, want: "generation" },
    { name: "a generation that is no number", body: { generation: "1" }, want: "generation" },
    { name: "an unknown field", body: { generation: 1, colour: "red" }, want: "colour" },
    { name: "an unknown limit", body: { generation: 1, limits: { maxFun: 1 } }, want: "limits.maxFun" },
    {
      name: "a limit out of bounds",
      body: { generation: 1, limits: { maxConnections: 0 } },
      want: "limits.maxConnections",
    },
    { name: "an origin with a path", body: { generation: 1, origins: ["https://app.example.com/"] }, want: "origins" },
    { name: "an unknown policy", body: { generation: 1, rooms: "closed" }, want: "rooms" },
    {
      name: "a rate of nothing",
      body: { generation: 1, drain: { connectionsPerSecond: 0 } },
      want: "drain.connectionsPerSecond",
    },
    { name: "a list", body: [], want: "object" },
  ])("with $name is a 400 that names the field and changes nothing", async ({ body, want }) => {
    const before = await get(gateway);
    expect(await put(gateway, body)).toMatchObject({
      status: 400,
      body: { code: "INVALID_INPUT", error: expect.stringContaining(want) },
    });
    expect(await get(gateway)).toEqual(before);
  });
});

test("a mounted file counts from the start, and its changes too, as a ConfigMap volume makes them", async () => {
  const volume = mkdtempSync(join(tmpdir(), "live-config-"));
  on.defer(() => rmSync(volume, { recursive: true, force: true }));
  let version = 0;
  // Replaces the file as the kubelet does: writes a new folder, and then changes a symbolic link in the file's path to
  // this folder.
  const mount = (content: string) => {
    const folder = `..${version++}`;
    mkdirSync(join(volume, folder));
    writeFileSync(join(volume, folder, "config.json"), content);
    symlinkSync(folder, join(volume, "..new"));
    renameSync(join(volume, "..new"), join(volume, "..data"));
    if (version === 1) symlinkSync(join("..data", "config.json"), join(volume, "config.json"));
  };
  mount(JSON.stringify({ generation: 1, limits: { maxRoomsPerUser: 11 } }));
  const gateway = await on.gateway({ LIVE_CONFIG_FILE: join(volume, "config.json") });
  expect(await get(gateway)).toMatchObject({ generation: 1, limits: { maxRoomsPerUser: 11 } });
  mount("{ half a file");
  mount(JSON.stringify({ generation: 2, limits: { maxRoomsPerUser: 12 } }));
  await until("the change", async () => (await get(gateway))["generation"] === 2, 30_000, 50);
  expect(await get(gateway)).toMatchObject({ limits: { maxRoomsPerUser: 12 } });
});

test("a file that is not there yet leaves the environment in force", async () => {
  const gateway = await on.gateway({ LIVE_CONFIG_FILE: "/nonexistent/config.json", WS_MAX_ROOMS_PER_USER: "3" });
  expect(await get(gateway)).toMatchObject({ generation: 0, limits: { maxRoomsPerUser: 3 } });
});

test("a file that is not JSON is called that in the log", async () => {
  const folder = mkdtempSync(join(tmpdir(), "live-config-"));
  on.defer(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "config.json");
  writeFileSync(path, "{ half a file");
  const gateway = await on.child({ LIVE_CONFIG_FILE: path });
  expect(gateway.log()).toContainEqual(
    expect.objectContaining({
      path,
      problem: expect.stringContaining("the file is not JSON"),
      msg: "live config file is invalid, keeping the current config",
    }),
  );
});
