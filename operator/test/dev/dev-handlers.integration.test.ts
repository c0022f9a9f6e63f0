// `realtime dev --handlers`, with real gateways and a stock client.
import { afterEach, expect, jest, test } from "@jest/globals";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../../testkit/until.ts";
import { closeAll, closeLater, minimal, endProcessesIn, processesIn, run, startDev, workspace } from "./dev-process.ts";

afterEach(closeAll);
// The programs start in seconds, and take much longer while other tests use the processors.
jest.setTimeout(180_000);

const handlersFile = (answer: string, event = "order:place"): string => `
import { handlers } from "@realtime-operator/handlers";
import { kind } from "./kind.ts";

interface Order { item: string }

export default handlers({
  "${event}": { handle: (context, data) => ({ ...(data as Order), kind, by: context.user, answer: ${answer} }) },
});
`;
const files = { "handlers.ts": handlersFile(`"first"`), "kind.ts": `export const kind: string = "tea";` };
const args = ["--handlers", "handlers.ts"];

test("answers events from the file, and a save replaces the answer while all connections stay", async () => {
  const { socket, folder, line, output } = await startDev({ files, args });
  const disconnects: string[] = [];
  socket.on("disconnect", (reason) => disconnects.push(reason));
  const place = (): Promise<unknown> => socket.timeout(10_000).emitWithAck("order:place", { item: "assam" });
  expect(await place()).toEqual({ item: "assam", kind: "tea", by: "dev", answer: "first" });

  writeFileSync(join(folder, "kind.ts"), `export const kind: string = "black tea";`);
  await line(/handlers\.ts: the new version answers now/);
  expect(await place()).toMatchObject({ kind: "black tea" });

  writeFileSync(join(folder, "handlers.ts"), handlersFile(`"second" + `));
  await line(/handlers\.ts:\d+\n[^]*SyntaxError[^]*handlers\.ts: the earlier version still answers/);
  expect(await place()).toMatchObject({ answer: "first" });

  writeFileSync(join(folder, "handlers.ts"), handlersFile(`"third"`, "order:*"));
  await line(/live fields: applied to 2 gateways, 0 clients disconnected/);
  expect(await socket.timeout(10_000).emitWithAck("order:cancel", {})).toMatchObject({ answer: "third" });
  expect(disconnects).toEqual([]);
  expect(output()).toContain("spec.handlers: handlers.ts answers, and no Service or other URL");
});

test("finishes an event that the earlier version has begun", async () => {
  const slow = handlersFile(`await new Promise((resolve) => setTimeout(resolve, 2_000, "slow"))`);
  const list = `[{ name: h, url: "http://localhost/", events: ["order:place"], timeoutMilliseconds: 30000 }]`;
  const { socket, folder, line } = await startDev({
    files: { ...files, "handlers.ts": slow.replace("handle: (", "handle: async (") },
    ...{ args, cluster: `${minimal.trimEnd()}\n  handlers: ${list}\n` },
  });
  const answer: Promise<unknown> = socket.timeout(30_000).emitWithAck("order:place", {});
  writeFileSync(join(folder, "handlers.ts"), handlersFile(`"second"`));
  await line(/the new version answers now/);
  expect(await answer).toMatchObject({ answer: "slow" });
});

test("answers the event of the handlers in the README", async () => {
  const readme = readFileSync(join(import.meta.dirname, "../../../README.md"), "utf8");
  const [, code = ""] = /<!-- test: dev handlers -->\s+```ts\n([^]*?)```/.exec(readme) ?? [];
  const { socket } = await startDev({ files: { "handlers.ts": code }, args });
  expect(await socket.timeout(10_000).emitWithAck("order:place", "tea")).toEqual({ ordered: "tea", by: "dev" });
});

test("answers the events of spec.handlers, and names those that the file does not handle", async () => {
  const { socket, file, line } = await startDev({ files, args });
  const entry = (event: string): string =>
    `{ name: orders, service: { name: orders, port: 1 }, events: ["${event}"], timeoutMilliseconds: 5000 }`;
  writeFileSync(file, `${minimal.trimEnd()}\n  handlers:\n    - ${entry("order:*")}\n`);
  await line(/live fields/);
  expect(await socket.timeout(10_000).emitWithAck("order:place", {})).toMatchObject({ answer: "first" });
  writeFileSync(file, `${minimal.trimEnd()}\n  handlers:\n    - ${entry("cart:add")}\n`);
  await line(/spec\.handlers lists cart:add, but handlers\.ts does not handle it\n/);
  await line(/handlers\.ts handles order:place, but spec\.handlers does not list it/);
});

test("runs a file that is a server of its own, and restarts it after a crash", async () => {
  const server = `
import { createServer } from "node:http";
createServer((request, response) => {
  if (request.headers["x-realtime-signature"] === undefined) return void response.writeHead(401).end();
  request.resume().on("end", () => response.end(JSON.stringify({ ack: process.pid })));
}).listen(process.env.PORT);`;
  const events = `\n  handlers: [{ name: orders, url: "https://orders.example.com/", events: ["order:*"] }]\n`;
  const { socket, file, line } = await startDev({ files: { "handlers.ts": server }, args });
  writeFileSync(file, `${minimal.trimEnd()}${events}`);
  await line(/live fields/);
  const place = (): Promise<unknown> => socket.timeout(10_000).emitWithAck("order:place", {});
  const pid = await place();
  process.kill(pid as number, "SIGKILL");
  await line(/handlers: the process has ended; it is started again/);
  const next = await until(
    "another process",
    async () => {
      const answer = await place();
      return typeof answer === "number" && answer !== pid ? answer : undefined;
    },
    20_000,
  );
  expect(next).not.toBe(pid);
});

test.each([
  ["a syntax error", "export default {", /handlers\.ts:1\n/],
  ["a reserved event", handlersFile(`""`, "join_room"), /spec\.handlers\[0\]\.events.*join_room|events must leave out/],
  ["no handlers and no server", "export const a = 1;", /exports no handlers and does not listen on process\.env\.PORT/],
])("does not start with %s", async (_what, content, message) => {
  const { folder, env } = workspace();
  for (const [name, text] of Object.entries({ ...files, "handlers.ts": content }))
    writeFileSync(join(folder, name), text);
  const { code, out } = await run(["-f", "cluster.yaml", "--port", "0", ...args], folder, env);
  expect(out).toMatch(message);
  expect(code).toBe(1);
  expect(processesIn(folder)).toEqual([]);
});

test.each(["SIGINT", "SIGKILL"] as const)("leaves no process behind after %s", async (signal) => {
  const { process: child, folder, socket } = await startDev({ files, args });
  closeLater(() => endProcessesIn(folder));
  const parts = ["handler-host", "server/src/main.ts", "redis-server"];
  expect(parts.filter((part) => processesIn(folder).some((text) => text.includes(part)))).toEqual(parts);
  socket.close();
  child.kill(signal);
  await once(child, "exit");
  await until("all processes to end", async () => processesIn(folder).length === 0, 10_000);
});
