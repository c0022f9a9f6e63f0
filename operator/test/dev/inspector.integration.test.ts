// The inspector of `realtime dev`, with real gateways, stock clients and Chromium.
import { afterEach, expect, jest, test } from "@jest/globals";
import { request } from "node:http";
import type { Page } from "playwright-core";
import { io } from "socket.io-client";
import { startChromium } from "../../../testkit/chromium.ts";
import { until } from "../../../testkit/until.ts";
import { closeAll, closeLater, minimal, startDev, type Dev } from "./dev-process.ts";

afterEach(closeAll);
// The programs start in seconds, and take much longer while other tests use the processors.
jest.setTimeout(180_000);

const handlersFile = `
import { HandlerError, handlers } from "@realtime-operator/handlers";
export default handlers({
  "order:place": {
    handle(context, data) {
      if (data === "gin") throw new HandlerError("SOLD_OUT", "no more gin");
      context.join("orders");
      return { ordered: data };
    },
  },
});
`;

function inspectorOf({ output }: Dev): string {
  return /Inspector: (http:\S+)/.exec(output())![1]!;
}

async function openPage(url: string): Promise<Page> {
  const browser = await startChromium();
  closeLater(() => browser.close());
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", ({ message }) => problems.push(message));
  page.on("console", (message) => void (message.type() === "error" && problems.push(message.text())));
  closeLater(() => expect(problems).toEqual([]));
  await page.goto(url);
  return page;
}

test("shows connections, rooms, events, handler calls and refusals, and no token", async () => {
  const dev = await startDev({ files: { "handlers.ts": handlersFile }, args: ["--handlers", "handlers.ts"] });
  const { socket, token } = dev;
  const page = await openPage(inspectorOf(dev));
  await socket.timeout(10_000).emitWithAck("order:place", "<b>tea</b>");
  await socket.timeout(10_000).emitWithAck("order:place", "gin");
  await socket.timeout(10_000).emitWithAck("send_message", { room: "team-7", message: token });
  const row = (table: string, ...texts: string[]): Promise<void> =>
    texts
      .reduce((rows, hasText) => rows.filter({ hasText }), page.locator(`#${table} tr`))
      .first()
      .waitFor();
  await row("events", "order:place", `ack {"ordered":"<b>tea</b>"}`, "dev");
  await row("events", "→ client", "message", "(token)");
  await row("calls", "order:place", "SOLD_OUT", "ms");
  await row("refusals", "SOLD_OUT", "order:place", "no more gin");
  await row("connections", "dev", "minimal-server-", "team-7, orders");
  await row("rooms", "orders", "1: dev");
  expect(await page.content()).not.toContain(token.slice(0, 30));
});

test("shows a client that polls until it disconnects", async () => {
  const dev = await startDev({ cluster: minimal.replace("spec:", "spec:\n  transports: [websocket, polling]") });
  dev.socket.close();
  const page = await openPage(inspectorOf(dev));
  const socket = io(`${dev.url}/messaging`, { transports: ["polling"], auth: { token: dev.token } });
  closeLater(() => socket.close());
  await socket.timeout(10_000).emitWithAck("join_room", { room: "polled" });
  await socket.timeout(10_000).emitWithAck("send_message", { room: "polled", message: "hello" });
  const connection = page.locator("#connections tr").filter({ hasText: "polling" }).filter({ hasText: "polled" });
  await connection.waitFor();
  await page.locator("#events tr").filter({ hasText: "send_message" }).filter({ hasText: `"success":true` }).waitFor();
  await page.locator("#events tr").filter({ hasText: "→ client" }).filter({ hasText: "hello" }).waitFor();
  socket.close();
  await connection.waitFor({ state: "detached" });
});

test("shows a client that moves from polling to a WebSocket as one connection", async () => {
  const dev = await startDev({ cluster: minimal.replace("spec:", "spec:\n  transports: [websocket, polling]") });
  dev.socket.close();
  const page = await openPage(inspectorOf(dev));
  const socket = io(`${dev.url}/messaging`, { transports: ["polling", "websocket"], auth: { token: dev.token } });
  closeLater(() => socket.close());
  await socket.timeout(10_000).emitWithAck("join_room", { room: "polled" });
  const connections = page.locator("#connections tr").filter({ hasText: "polled" });
  await connections.filter({ hasText: "websocket" }).waitFor();
  expect(await connections.count()).toBe(1);
});

test("sends as a client and publishes as a back end, with the keyboard alone", async () => {
  const dev = await startDev();
  const news: unknown[] = [];
  dev.socket.on("news", (data) => news.push(data));
  const page = await openPage(inspectorOf(dev));
  await page.focus("#send [name=event]");
  await page.keyboard.press("Enter");
  await page.locator("#send .answer", { hasText: `ack {"success":true,"participantCount":2}` }).waitFor();
  await page.focus("#publish [name=event]");
  await page.keyboard.press("Enter");
  await page.locator("#publish .answer", { hasText: `"published":true` }).waitFor();
  await until("the event", async () => news.length > 0, 10_000);
  expect(news[0]).toEqual({ text: "hello" });
  await page.fill("#send [name=data]", "{");
  await page.press("#send [name=event]", "Enter");
  await page.locator("#send .answer.bad", { hasText: "Data is not JSON" }).waitFor();
});

test.each([
  { when: "the host is another name", path: "/", headers: { host: "evil.example" }, want: 403 },
  { when: "a page of another site reads the stream", path: "/stream", headers: { "sec-fetch-site": "cross-site" } },
  { when: "a page of another site sends a form", method: "POST", path: "/publish", headers: { origin: "http://a.b" } },
  { when: "a form has no header of the page", method: "POST", path: "/publish", headers: {} },
])("refuses when $when", async ({ path, headers, method = "GET", want = 403 }) => {
  const { port } = new URL(inspectorOf(await startDev({ withRedis: false })));
  const status = await new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, method, headers: { host: `localhost:${port}`, ...headers } }, (answer) =>
      resolve(answer.resume().statusCode),
    )
      .on("error", reject)
      .end();
  });
  expect(status).toBe(want);
});
