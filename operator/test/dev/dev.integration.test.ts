// Runs `realtime dev` as a user does: as a process of its own, with real gateways, a real Redis and a stock client.
import { afterEach, expect, jest, test } from "@jest/globals";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { until } from "../../../testkit/until.ts";
import { closeAll, closeLater, gatewaysIn, minimal, processesIn, run, startDev, workspace } from "./dev-process.ts";

afterEach(closeAll);
// The programs start in seconds, and take much longer while other tests use the processors.
jest.setTimeout(180_000);

test("a standard client gets its first ack with the printed URL and token", async () => {
  const { socket, output } = await startDev();
  const answer: unknown = await socket
    .timeout(10_000)
    .emitWithAck("send_message", { room: "team-7", message: "hello" });
  expect(answer).toMatchObject({ success: true });
  expect(output()).toContain("minimal runs: 2 gateways behind");
  expect(output()).toContain("spec.exposure: clients connect to the URL above");
});

test("applies live fields without a disconnect when the file is saved, and changes nothing when it is invalid", async () => {
  const { socket, file, line } = await startDev();
  const disconnects: string[] = [];
  socket.on("disconnect", (reason) => disconnects.push(reason));
  writeFileSync(file, minimal.replace("spec:", "spec:\n  limits: { maxRoomsPerUser: 1 }"));
  await line(/live fields: applied to 2 gateways, 0 clients disconnected/);
  expect(await socket.timeout(10_000).emitWithAck("join_room", { room: "another" })).toMatchObject({
    code: "ROOM_LIMIT_EXCEEDED",
  });
  writeFileSync(file, minimal.replace("spec:", "spec:\n  limits: { maxRoomsPerUser: -1 }"));
  await line(/spec\.limits\.maxRoomsPerUser: must be [^\n]*\nnothing was changed/);
  expect(disconnects).toEqual([]);
});

test("replaces the gateways when a rolling field is saved, and the client reconnects", async () => {
  const { socket, file, line } = await startDev();
  writeFileSync(file, minimal.replace("spec:", "spec:\n  transports: [websocket, polling]"));
  await line(
    /rolling fields: rolled in .*: \d+ connections moved, \d+ sessions recovered, .* 0 sessions lost, 0 not reconnected/,
  );
  await until("the client to be back", async () => socket.connected, 10_000, 20);
});

test("sends events to a handler on this machine when the saved file names its Service", async () => {
  const { file, line, socket } = await startDev();
  const handler = createHttpServer((request, response) => {
    const isSigned = "x-realtime-signature" in request.headers;
    void text(request).then((body) => {
      const { data, event } = JSON.parse(body) as { data: unknown; event: string };
      response.end(JSON.stringify({ ack: { event, data, isSigned } }));
    });
  }).listen(0);
  await once(handler, "listening");
  closeLater(() => handler.close());
  const { port } = handler.address() as AddressInfo;
  const handlers = [{ name: "orders", service: { name: "orders", port }, events: ["order:*"] }];
  writeFileSync(file, `${minimal.trimEnd()}\n  handlers: ${JSON.stringify(handlers)}\n`);
  await line(/live fields/);
  expect(await socket.emitWithAck("order:place", { item: "tea" })).toEqual({
    ...{ event: "order:place", data: { item: "tea" }, isSigned: true },
  });
});

test("every action, started in another terminal, reports what the clients saw", async () => {
  const { socket, ask } = await startDev();
  expect(await ask("scale-up")).toMatch(/^3 gateways in .*: 0 connections moved/);
  expect(await ask("scale-down")).toMatch(/^2 gateways in .* 0 not reconnected$/);
  expect(await ask("kill")).toMatch(
    /^killed minimal-server-\d+ in .*: 1 connections moved, 1 sessions recovered, 0 messages replayed, 0 sessions lost, 0 not reconnected$/,
  );
  expect(await ask("redis")).toContain("Redis is stopped");
  expect(await ask("redis")).toMatch(/^Redis is running again in .*, 0 not reconnected$/);
  expect(await ask("rebalance")).toMatch(/^even: |^rebalanced in /);
  expect(await ask("roll")).toMatch(/^rolled in .* 0 not reconnected$/);
  await until("the client to be back", async () => socket.connected, 10_000, 20);
});

test("runs one gateway in memory, and says what is not tested, when there is no Redis", async () => {
  const { output, ask } = await startDev({ withRedis: false });
  expect(output()).toContain("minimal runs: 1 gateway behind");
  expect(output()).toContain("messages between gateways are not tested");
  expect(await ask("scale-up")).toBe("without Redis only one gateway can run");
});

test.each([
  { when: "the command of --once fails", command: "exit 7", want: 7 },
  { when: "the command of --once connects", command: 'test -n "$REALTIME_URL" -a -n "$REALTIME_TOKEN"', want: 0 },
  {
    when: "the command of --once publishes without data",
    command: `"$NODE" -e 'const { REALTIME_PUBLISH_URL: url, REALTIME_PUBLISH_TOKEN: token } = process.env;
      fetch(url, { method: "POST", headers: { authorization: "Bearer " + token } }).then(({ status }) => process.exit(status === 400 ? 0 : 1))'`,
    want: 0,
  },
])("ends with $want when $when", async ({ command, want }) => {
  const { folder, env } = workspace();
  const args = ["-f", "cluster.yaml", "--port", "0", "--once", command];
  const { code } = await run(args, folder, { ...env, NODE: process.execPath });
  expect(code).toBe(want);
});

test("sends an event to a room when a back end publishes with the printed URL and the publish token", async () => {
  const { socket, output, folder } = await startDev();
  const [, url = "", file = ""] = /Publish: +POST (http:\S+) with the token in (\S+)/.exec(output())!;
  const news = new Promise((resolve) => socket.once("news", resolve));
  const publish = (token: string): Promise<Response> =>
    fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ namespace: "/messaging", room: "team-7", event: "news", data: { id: 1 } }),
    });
  expect((await publish("no token")).status).toBe(401);
  expect((await publish(readFileSync(join(folder, file), "utf8").trim())).status).toBe(200);
  expect(await news).toEqual({ id: 1 });
  expect((await fetch(new URL("/metrics", url))).status).toBe(404);
});

test("names a busy port and its owner", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  closeLater(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { folder, env } = workspace();
  const { code, error } = await run(["-f", "cluster.yaml", "--port", String(port)], folder, env);
  expect({ code, error: error.split("\n")[0] }).toEqual({
    code: 2,
    error: `error: port ${port} is taken by ${readFileSync("/proc/self/comm", "utf8").trim()} (pid ${process.pid}): choose another with --port`,
  });
});

test("Ctrl-C leaves no process behind", async () => {
  const { process: child, folder } = await startDev();
  child.kill("SIGINT");
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
  expect(processesIn(folder)).toEqual([]);
});

test("Ctrl-C leaves no process behind when a gateway is not ready yet", async () => {
  const { process: child, folder, ask } = await startDev();
  expect(await ask("redis")).toContain("Redis is stopped");
  const rolling = ask("roll").catch(() => "ended");
  await until("a third gateway process", async () => gatewaysIn(folder).length === 3, 10_000, 20);
  child.kill("SIGINT");
  await once(child, "exit");
  await rolling;
  expect(gatewaysIn(folder)).toEqual([]);
});

test("runs without other terminals' actions when the folder's path is too long for a socket", async () => {
  const { output, line } = await startDev({ subfolder: "a-folder-with-a-long-name".repeat(5) });
  await line(/"realtime dev ACTION" does not work here/);
  expect(output()).toContain("minimal runs: 2 gateways");
});
