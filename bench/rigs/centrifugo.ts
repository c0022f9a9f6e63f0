import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import { freePorts } from "../../testkit/free-ports.ts";
import { until } from "../../testkit/until.ts";
import { cpuMicrosOf, cpuSecondsOf, rssBytesOf } from "../measure/process-usage.ts";
import { centrifugoProgram } from "../peers/centrifugo-program.ts";
import type { Rig, RigOptions, Usage } from "./rig.ts";
import { canPin, SERVER_CORE } from "./start.ts";

const START_DEADLINE_MS = 20_000;
/** More than the turns that may be in flight, so that no publish waits for the answer to an earlier one. */
const API_CONNECTIONS = 64;
/** Go returns the memory that a collection has freed to the kernel in the background. */
const RETURN_MEMORY_MS = 5_000;

/**
 * Centrifugo as its own process on the servers' core. This process runs on the other core: it is the application, and
 * publishes through Centrifugo's HTTP API.
 */
export async function centrifugo(options: RigOptions): Promise<Rig> {
  const [port] = (await freePorts(1)) as [number];
  const { pid } = await startCentrifugo(options, port);
  const api = new Pool(`http://127.0.0.1:${port}`, { connections: API_CONNECTIONS, pipelining: 1, allowH2: false });
  let commands: object[] = [];
  const publish = async (): Promise<void> => {
    const body = JSON.stringify({ commands });
    commands = [];
    const headers = { "content-type": "application/json", "x-api-key": options.secret };
    const answer = await api.request({ method: "POST", path: "/api/batch", headers, body });
    const text = await answer.body.text();
    if (answer.statusCode !== 200 || text.includes('"error"'))
      throw new Error(`Centrifugo answered a publish with ${answer.statusCode}: ${text.slice(0, 200)}`);
  };
  return {
    port,
    pid: pid!,
    emit: (channel, data) => void commands.push({ publish: { channel, data } }),
    // A rejection ends this process, and with it the connections of the clients under test.
    endOfTurn: () => void publish(),
    members: () => 0,
    async usage(after) {
      if (after === "collecting") {
        const { body } = await api.request({ method: "GET", path: "/debug/pprof/heap?gc=1" });
        await body.arrayBuffer();
        await pause(RETURN_MEMORY_MS);
      }
      return usageOf(pid!);
    },
  };
}

function usageOf(pid: number): Usage {
  return {
    cpuMicros: cpuMicrosOf(pid),
    userMicros: cpuSecondsOf(pid) * 1e6,
    rssBytes: rssBytesOf(pid),
    heapBytes: 0,
    longestStallMs: 0,
  };
}

/** Starts the process and waits until it is healthy. Both processes end together. */
async function startCentrifugo(options: RigOptions, port: number): Promise<ChildProcess> {
  const program = await centrifugoProgram(console.error);
  const folder = mkdtempSync(join(tmpdir(), "bench-centrifugo-"));
  const config = join(folder, "config.json");
  writeFileSync(config, JSON.stringify(configOf(options, port)));
  const command = [program, "--config", config];
  const [first, ...args] = canPin() ? ["taskset", "-c", SERVER_CORE, ...command] : command;
  // Pass no other variables: those that begin with CENTRIFUGO_ would change the configuration, and GOGC the collector.
  const env = { PATH: process.env["PATH"], GOMAXPROCS: "1" };
  const server = spawn(first!, args, { env, stdio: ["ignore", "inherit", "inherit"] });
  process.on("exit", () => {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  server.once("exit", (code, signal) => {
    console.error(`Centrifugo ended with ${signal ?? `exit code ${code ?? "?"}`}`);
    process.exit(1);
  });
  const isHealthy = async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok;
  await until("Centrifugo to be healthy", isHealthy, START_DEADLINE_MS, 50);
  return server;
}

/** Only what the benchmark needs. Everything else has Centrifugo's default, for example no history and no presence. */
function configOf({ secret, redisUrl, pings }: RigOptions, port: number): object {
  // Negative values switch both off. Centrifugo demands that the timeout is smaller than the interval.
  const noPings = { ping_interval: "-1ns", pong_timeout: "-2ns" };
  return {
    http_server: { address: "127.0.0.1", port: String(port) },
    client: { token: { hmac_secret_key: secret }, ...(pings === "usual" ? {} : noPings) },
    channel: { without_namespace: { allow_subscribe_for_client: true, allow_publish_for_client: true } },
    http_api: { key: secret },
    prometheus: { enabled: true },
    health: { enabled: true },
    // Serves the request for a garbage collection. It costs nothing while nobody calls it.
    debug: { enabled: true },
    usage_stats: { disabled: true },
    log: { level: "error" },
    ...(redisUrl === undefined
      ? {}
      : { engine: { type: "redis", redis: { address: [redisUrl], prefix: "bench-centrifugo" } } }),
  };
}
