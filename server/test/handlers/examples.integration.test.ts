import { expect, test } from "@jest/globals";
import { build } from "esbuild";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../../testkit/free-ports.ts";
import { isListening } from "../../../testkit/is-listening.ts";
import { installPackages } from "../../../testkit/programs/apt.ts";
import { goEnv } from "../../../testkit/programs/go-toolchain.ts";
import { run, succeeds } from "../../../testkit/run.ts";
import { until } from "../../../testkit/until.ts";
import { stage } from "../support/stage.ts";
import { HANDLER_SECRET, handlersEnvironment } from "./app-server.ts";

const on = stage();
const examples = join(import.meta.dirname, "../../../examples/handlers");
const sdk = join(import.meta.dirname, "../../../sdk/src/handlers.ts");

/** For each example: a function that builds it, if necessary, and returns the command that starts it. */
const commands: Record<string, (folder: string) => Promise<[string, ...string[]]>> = {
  async typescript(folder) {
    const outfile = join(folder, "handler.mjs");
    const entryPoints = [join(examples, "typescript/handler.ts")];
    const alias = { "@realtime-operator/handlers": sdk };
    await build({ entryPoints, outfile, alias, bundle: true, platform: "node", format: "esm" });
    return [process.execPath, outfile];
  },
  async python() {
    if (!(await succeeds("python3", ["--version"]))) await installPackages(["python3"], () => undefined);
    return ["python3", join(examples, "python/handler.py")];
  },
  async go(folder) {
    await run("go", ["build", "-o", join(folder, "orders"), "."], { cwd: join(examples, "go"), env: await goEnv() });
    return [join(folder, "orders")];
  },
};

test.each(Object.keys(commands))("the example in %s answers, sends to a room, refuses and stops", async (language) => {
  const folder = mkdtempSync(join(tmpdir(), "handler-example-"));
  on.defer(() => rmSync(folder, { recursive: true, force: true }));
  const [program, ...args] = await commands[language]!(folder);
  const [port] = await freePorts(1);
  const env = { PATH: process.env["PATH"], PORT: String(port), HANDLER_SECRET };
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  on.defer(() => child.kill("SIGKILL"));
  await until("the handler", async () => isListening(port!), 30_000, 20);
  const entry = { name: "orders", url: `http://localhost:${port}/`, events: ["order:*"] };
  const ada = await on.connect(await on.gateway(handlersEnvironment(entry)), { rooms: [] });
  expect(await ada.ask("order:place", { item: "té" })).toEqual({ item: "té", by: "ada" });
  expect(await ada.next("order:placed")).toEqual({ item: "té", by: "ada" });
  for (const data of [{}, { item: 7 }, null, "tea"])
    expect(await ada.ask("order:place", data)).toMatchObject({ code: "INVALID_INPUT" });
  expect(await ada.ask("order:place", { item: "gin" })).toMatchObject({ code: "SOLD_OUT", retryAfter: 60 });
  const forged = await fetch(entry.url, { method: "POST", body: "{}" });
  expect(forged.status).toBe(401);
  child.kill("SIGTERM");
  expect(await ada.ask("order:place", { item: "tea" })).toEqual({ item: "tea", by: "ada" });
});
