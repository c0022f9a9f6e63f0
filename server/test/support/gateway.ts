import { pino } from "pino";
import { parseConfig } from "../../src/config.ts";
import { nodeIdOf } from "../../src/node-id.ts";
import { start } from "../../src/start.ts";
import type { Running } from "../../src/start.ts";

export const JWT_SECRET = "0f4b1c9d8e7a6f5b4c3d2e1f0a9b8c7d6e5f4a3b";
export const ADMIN_TOKEN = "a-token-for-the-private-api";

/** What every test starts from: one node, ports of its own, limits out of the way. */
export const testEnvironment = {
  PORT: "0",
  ADMIN_PORT: "0",
  REDIS_ENABLED: "false",
  JWT_SECRET,
  ADMIN_TOKEN,
  WS_MAX_CONNECTIONS_PER_USER: "1000",
  WS_MAX_ROOMS_PER_USER: "1000",
  WS_RATE_LIMIT_EVENTS_PER_MINUTE: "1000000",
  WS_MAX_CONNECTIONS_PER_ADDRESS: "100000",
  DRAIN_CONNECTIONS_PER_SECOND: "1000",
} as const;

export interface ApiReply {
  status: number;
  /** Parsed when it is JSON. */
  body: Record<string, unknown>;
  text: string;
  headers: Headers;
}

export interface ApiRequest {
  method?: "GET" | "PUT" | "POST" | "DELETE";
  /** A string goes out as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Default: ADMIN_TOKEN. */
  token?: string | null;
}

/** The ports of a gateway, in this process or another. */
export interface Ports {
  publicPort: number;
  privatePort: number;
}

export type TestGateway = Running & { warnings: readonly string[] };

/** The gateway's clock, which a test may put forward; it runs on in between. */
export class TestClock {
  #aheadMs = 0;
  readonly nowMs = (): number => Date.now() + this.#aheadMs;

  advance(ms: number): void {
    this.#aheadMs += ms;
  }
}

/** A real gateway inside the test's process. Throws with the problems of an environment that is not valid. */
export async function startGateway(
  env: Record<string, string> = {},
  { nowMs } = new TestClock(),
): Promise<TestGateway> {
  const answer = parseConfig({ ...testEnvironment, ...env });
  if ("problems" in answer) throw new Error(answer.problems.join("\n"));
  const logger = pino({ level: process.env["TEST_LOG_LEVEL"] ?? "silent" });
  const running = await start(answer.config, nodeIdOf("test", Math.random), logger, { nowMs, random: Math.random });
  return Object.assign(running, { warnings: answer.warnings });
}

/** One request to the private API. */
export async function callApi(
  { privatePort }: Ports,
  path: string,
  { method, body, headers, token = ADMIN_TOKEN }: ApiRequest = {},
): Promise<ApiReply> {
  const text = typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(`http://127.0.0.1:${privatePort}${path}`, {
    method: method ?? (text === undefined ? "GET" : "POST"),
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
  const answered = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  return {
    status: response.status,
    body: isJson ? (JSON.parse(answered) as Record<string, unknown>) : {},
    text: answered,
    headers: response.headers,
  };
}

/** The sum of a metric's samples whose labels hold all of these. */
export async function metricOf(gateway: Ports, name: string, labels: Record<string, string> = {}): Promise<number> {
  const { text } = await callApi(gateway, "/metrics", { token: null });
  const samples = text.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return samples
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
