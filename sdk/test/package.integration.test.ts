// Tests the built package, installed as an application would install it, with the code of its README.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { createSecretKey } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signatureOf } from "../../server/src/app-handlers/signature.ts";
import { HANDLER_SECRET, handlersEnvironment } from "../../server/test/handlers/app-server.ts";
import { stage } from "../../server/test/support/stage.ts";
import { freePorts } from "../../testkit/free-ports.ts";
import { isListening } from "../../testkit/is-listening.ts";
import { run } from "../../testkit/run.ts";
import { until } from "../../testkit/until.ts";

const sdk = join(import.meta.dirname, "..");
const repository = join(sdk, "..");
const on = stage();
let project: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), "realtime-handlers-"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
  await install("handlers", "sdk");
  await install("client", "client");
  linkPackages(join(repository, "node_modules"), join(project, "node_modules"));
  const readme = readFileSync(join(sdk, "README.md"), "utf8");
  for (const [, name, code] of readme.matchAll(/<!-- test: (\S+) -->\n\n```ts\n(.*?)```/gs))
    writeFileSync(join(project, name!), code!);
}, 60_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

async function install(name: string, workspace: string): Promise<void> {
  const to = join(project, workspace);
  const installed = join(project, "node_modules/@realtime-operator", name);
  mkdirSync(to);
  mkdirSync(installed, { recursive: true });
  await run("npm", ["pack", "--silent", "--pack-destination", to], { cwd: join(repository, workspace) });
  const [archive = ""] = readdirSync(to);
  await run("tar", ["-xzf", join(to, archive), "-C", installed, "--strip-components=1"]);
}

/** Links packages that an application installs itself, such as express and zod. */
function linkPackages(from: string, to: string): void {
  const isOwn = (name: string): boolean => name.startsWith(".") || name === "@realtime-operator";
  for (const name of readdirSync(from))
    if (!isOwn(name) && !existsSync(join(to, name))) symlinkSync(join(from, name), join(to, name));
}

test("the package has no dependencies and holds no tests", () => {
  const installed = join(project, "node_modules/@realtime-operator/handlers");
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(installed, "package.json"), "utf8"),
  ) as Record<string, unknown>;
  expect([dependencies, peerDependencies]).toEqual([undefined, undefined]);
  expect(readdirSync(installed).sort()).toEqual(["README.md", "dist", "package.json"]);
  expect(readdirSync(join(installed, "dist")).filter((name) => name.includes("test"))).toEqual([]);
});

test("the code of the README compiles, also with an older compiler", async () => {
  const flags = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--skipLibCheck"];
  const files = readdirSync(project).filter((name) => name.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(7);
  for (const compiler of ["typescript7/bin/tsc", "typescript/bin/tsc6"])
    await run(
      process.execPath,
      [
        join(repository, "node_modules", compiler),
        ...[...flags, "--types", "node", "--allowImportingTsExtensions", ...files],
      ],
      { cwd: project },
    );
});

/** Runs a program from the README, and returns the port on which it listens. */
async function serve(file: string): Promise<number> {
  const [port] = await freePorts(1);
  const child = spawn(process.execPath, [join(project, file)], {
    env: { PORT: String(port), HANDLER_SECRET },
    stdio: "ignore",
  });
  on.defer(() => child.kill());
  await until(file, async () => isListening(port!), 30_000, 20);
  return port!;
}

async function post(port: number, fields: object, headers: Record<string, string> = {}): Promise<Response> {
  const caller = {
    user: "ada",
    rooms: [],
    claims: {},
    sessionId: "s",
    socketId: "k",
    namespace: "/events",
    headers: {},
  };
  const body = JSON.stringify({
    version: 1,
    id: "1",
    kind: "event",
    cluster: "shop",
    data: null,
    ...caller,
    ...fields,
  });
  return fetch(`http://localhost:${port}/realtime`, {
    ...{ method: "POST", body },
    headers: {
      "content-type": "application/json",
      "x-realtime-signature": signatureOf(body, createSecretKey(Buffer.from(HANDLER_SECRET)), Date.now()),
      ...headers,
    },
  });
}

describe.each(["server.ts", "express.ts", "fastify.ts", "nest.ts"])("%s of the README", (file) => {
  let port: number;
  beforeEach(async () => {
    port = await serve(file);
  });

  test("answers a gateway's requests and no others", async () => {
    const placed = await post(port, { event: "order:place", data: { item: "té" } });
    expect([placed.status, placed.headers.get("content-type")]).toEqual([200, "application/json"]);
    const order = { item: "té", by: "ada" };
    expect(await placed.json()).toEqual({
      ...{ ack: order, do: [{ join: "orders" }, { publish: { room: "orders", event: "order:placed", data: order } }] },
    });
    const refused = await post(port, { event: "order:place", data: { item: "gin" } });
    expect(await refused.json()).toEqual({ error: { code: "SOLD_OUT", message: "no more gin", retryAfter: 60 } });
    expect((await post(port, { event: "order:place" }, { "x-realtime-signature": "t=1,v1=0" })).status).toBe(401);
    expect((await post(port, { event: "cart:add" })).status).toBe(404);
    expect((await post(port, { event: "order:place", data: "x".repeat(4_200_000) })).status).toBe(413);
    expect((await post(port, { event: "order:place", data: { item: "tea" } })).status).toBe(200);
  });
});

test("the handler of docs/handlers.md answers, sends to a room and refuses", async () => {
  const page = readFileSync(join(repository, "docs/handlers.md"), "utf8");
  const [, code] = /<!-- test: handler with the package -->\n\n```js\n(.*?)```/s.exec(page)!;
  writeFileSync(join(project, "handler.mjs"), code!);
  const port = await serve("handler.mjs");
  const entry = { name: "orders", url: `http://localhost:${port}/`, events: ["order:*"] };
  const ada = await on.connect(await on.gateway(handlersEnvironment(entry)), { rooms: [] });
  expect(await ada.ask("order:place", { item: "tea" })).toEqual({ item: "tea", by: "ada" });
  expect(await ada.next("order:placed")).toEqual({ item: "tea", by: "ada" });
  expect(await ada.ask("order:place", {})).toMatchObject({ code: "INVALID_INPUT", error: "item: must be text" });
  expect(await ada.ask("order:cancel", {})).toMatchObject({ code: "HANDLER_UNAVAILABLE" });
});
