// Runs the case desk on this machine: gateways and Redis with `realtime dev`, the back end and the page.
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { packages, servePage } from "./page-server.ts";

const here = import.meta.dirname;
const { values: options } = parseArgs({
  options: {
    /** The file with the RealtimeCluster. */
    file: { type: "string", short: "f", default: join(here, "cluster.yaml") },
    /** The port of the gateways. Back ends publish at this port + 1010. */
    port: { type: "string", default: "8080" },
    /** The port of the back end. The file with the RealtimeCluster names it, too. */
    "backend-port": { type: "string", default: "8787" },
    "page-port": { type: "string", default: "5173" },
    /** With the development server of Vite. It reloads the page after an outage, so do not use it to try outages. */
    edit: { type: "boolean", default: false },
  },
});

/** The value of a Secret of `realtime dev`, which uses the file when it exists. */
function secret(name: string, key: string): string {
  const folder = resolve(".realtime/secrets", name);
  const file = join(folder, key);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600 });
  }
  return readFileSync(file, "utf8").trim();
}

const children = new Set<ChildProcess>();

/** Starts a Node program. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    env: { ...process.env, ...env },
    stdio: "inherit",
  });
  children.add(child);
  child.on("exit", (code) => {
    children.delete(child);
    stop(code ?? 0);
  });
}

/** Ends all programs, and this one after them. When one program ends, all of them end. */
function stop(code: number): void {
  for (const child of children) child.kill();
  process.exitCode ??= code;
  if (children.size === 0) process.exit();
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop(0));

/** Waits until `realtime dev` answers requests to publish. It does so when the gateways are ready. */
async function gatewaysAreReady(): Promise<void> {
  while ((await fetch(publishUrl, { method: "POST" }).catch(() => undefined)) === undefined) await sleep(POLL_MS);
}

const POLL_MS = 200;
const port = Number(options.port);
const publishUrl = `http://localhost:${port + 1_010}/api/publish`;
const backend = join(here, "dist/backend.mjs");
const secrets = {
  HANDLER_SECRET: secret("desk-auth", "handler-secret"),
  JWT_SECRET: secret("desk-jwt", "secret"),
  REALTIME_PUBLISH_TOKEN: secret("desk-auth", "publish-token"),
};
start([join(here, "../../operator/src/main.ts"), "dev", "-f", options.file, "--port", options.port]);
await build({
  ...{ entryPoints: [join(here, "backend/main.ts")], outfile: backend, alias: packages },
  ...{ bundle: true, platform: "node", format: "esm", logLevel: "warning" },
});
const url = await servePage({
  port: Number(options["page-port"]),
  backendUrl: `http://localhost:${options["backend-port"]}`,
  realtimeUrl: `http://localhost:${port}`,
  isEdited: options.edit,
});
await gatewaysAreReady();
start([backend], { ...secrets, PORT: options["backend-port"], REALTIME_PUBLISH_URL: publishUrl });
process.stdout.write(`The case desk: ${url}/?user=ada and ${url}/?user=bo\n`);
