import { afterEach, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../testkit/until.ts";
import { startHandlers, type HandlerProcess } from "../../src/dev/handlers/handler-process.ts";

const READY_WITHIN_MS = 5_000;
const SERVER = `import { createServer } from "node:http";
createServer((request, response) => response.end("here")).listen(process.env.PORT, "127.0.0.1");
`;

let running: HandlerProcess | undefined;
const directory = mkdtempSync(join(tmpdir(), "realtime-handlers-"));
afterEach(async () => {
  await running?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test("runs on after the time in which it had to become ready", async () => {
  const file = join(directory, "handlers.mjs");
  writeFileSync(file, SERVER);
  const startedAtMs = Date.now();
  running = await startHandlers({
    ...{ file, directory, env: process.env, secret: "secret", readyWithinMs: READY_WITHIN_MS },
    onLoaded: () => undefined,
    onLine: () => undefined,
  });
  await until("the time to pass", async () => Date.now() - startedAtMs > READY_WITHIN_MS + 1_000, 30_000, 100);
  expect(await (await fetch(`http://127.0.0.1:${running.port}/`)).text()).toBe("here");
});
