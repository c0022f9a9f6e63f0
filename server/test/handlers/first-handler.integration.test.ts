import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { freePorts } from "../../../testkit/free-ports.ts";
import { isListening } from "../../../testkit/is-listening.ts";
import { until } from "../../../testkit/until.ts";
import { stage } from "../support/stage.ts";
import { HANDLER_SECRET, handlersEnvironment } from "./app-server.ts";

const on = stage();

test("the first handler of docs/handlers.md answers, sends to a room and refuses", async () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/handlers.md"), "utf8");
  const [, code] = /<!-- test: first handler -->\n\n```js\n(.*?)```/s.exec(page)!;
  const folder = mkdtempSync(join(tmpdir(), "first-handler-"));
  on.defer(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "handler.mjs"), code!);
  const [port] = await freePorts(1);
  const child = spawn(process.execPath, [join(folder, "handler.mjs")], {
    env: { PORT: String(port), HANDLER_SECRET },
    stdio: "inherit",
  });
  on.defer(() => child.kill());
  await until("the handler", async () => isListening(port!), 10_000, 20);
  const entry = { name: "orders", url: `http://localhost:${port}/`, events: ["order:*"] };
  const ada = await on.connect(await on.gateway(handlersEnvironment(entry)), { rooms: [] });
  expect(await ada.ask("order:place", { item: "tea" })).toEqual({ item: "tea", by: "ada" });
  expect(await ada.next("order:placed")).toEqual({ item: "tea", by: "ada" });
  expect(await ada.ask("order:place", {})).toMatchObject({ code: "INVALID_INPUT", error: "item must be text" });
  const forged = await fetch(entry.url, { method: "POST", body: "{}" });
  expect(forged.status).toBe(401);
});
