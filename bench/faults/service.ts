import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { shipped } from "../../testkit/gateway/shipped-gateway.ts";
import { namespaceOf } from "../rigs/payload.ts";
import { canPin } from "../rigs/start.ts";

/**
 * A server under test in its own process, with the settings of production. A benchmark can stop it or kill it, and
 * notices when it crashes.
 */
export interface Service {
  kind: string;
  port: number;
  namespace: string;
  pid: number;
  kill(signal: NodeJS.Signals): void;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; at: number }>;
  /** Sends the event ["m", data] to the members of a room on all servers, as a back end would. */
  publish(room: string, data: unknown): Promise<void>;
  rssBytes(): number;
  /** The newest output of the process: the end of its stdout and stderr. */
  output(): string;
}

const SERVER_CORE = "0";
const MOST_OUTPUT = 20_000;
export const SECRET = randomBytes(32).toString("hex");

const programs: Record<string, string> = {
  gateway: fileURLToPath(new URL("../../server/src/main.ts", import.meta.url)),
  bare: fileURLToPath(new URL("bare-service.ts", import.meta.url)),
};

/**
 * Starts a server and waits until it listens. `kind` is "gateway" or "bare", optionally with a variant: "bare+redis".
 */
export async function startService(kind: string, env: Record<string, string> = {}): Promise<Service> {
  const settings = {
    PORT: "0",
    ADMIN_PORT: "0",
    REDIS_ENABLED: "false",
    JWT_SECRET: SECRET,
    ADMIN_TOKEN: SECRET,
    ...env,
  };
  const program = kind.split("+")[0]!;
  const { flags, env: shippedEnv } = program === "gateway" ? shipped : { flags: [], env: {} };
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", ...flags, programs[program]!];
  const [command, ...args] = canPin() ? ["taskset", "-c", SERVER_CORE, ...node] : node;
  const child = spawn(command!, args, {
    env: { PATH: process.env["PATH"], ...shippedEnv, ...settings },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  const keep = (text: string): void => void (output = (output + text).slice(-MOST_OUTPUT));
  child.stderr!.on("data", (data: Buffer) => keep(data.toString()));
  const ended = once(child, "exit").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    at: performance.now(),
  }));
  const { publicPort, privatePort } = await new Promise<Listening>((resolve, reject) => {
    createInterface(child.stdout!).on("line", (line) => {
      keep(`${line}\n`);
      if (line.includes('"msg":"gateway started"')) resolve(JSON.parse(line) as Listening);
    });
    void ended.then(({ code }) => reject(new Error(`${kind} ended with ${code} before it listened: ${output}`)));
  });
  const service: Service = {
    ...{ kind, port: publicPort, namespace: namespaceOf(kind), pid: child.pid!, ended },
    kill: (signal) => void child.kill(signal),
    publish: (room, data) =>
      privatePort === undefined
        ? publishBare(child, room, data)
        : publishByApi(privatePort, service.namespace, room, data),
    rssBytes: () => 1_024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]),
    output: () => output,
  };
  if (env["REDIS_URL"] !== undefined && privatePort !== undefined) await whenReady(privatePort);
  return service;
}

export async function end(service: Service): Promise<void> {
  service.kill("SIGKILL");
  await service.ended;
}

interface Listening {
  publicPort: number;
  privatePort?: number;
}

async function publishBare(child: ChildProcess, room: string, data: unknown): Promise<void> {
  if (child.connected) child.send({ room, data });
}

async function publishByApi(port: number, namespace: string, caseId: string, data: unknown): Promise<void> {
  const headers = { authorization: `Bearer ${SECRET}`, "content-type": "application/json" };
  const body = JSON.stringify({ namespace, caseId, event: "m", data });
  const response = await fetch(`http://127.0.0.1:${port}/api/publish`, { method: "POST", headers, body });
  if (!response.ok) throw new Error(`published: ${response.status} ${await response.text()}`);
}

async function whenReady(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if ((await fetch(`http://127.0.0.1:${port}/readyz`)).ok) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("the gateway was not ready within 10 s");
}
