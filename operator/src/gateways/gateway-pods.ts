import type { KubeObject } from "../api/kube-object.ts";
import type { LiveConfig } from "../manifests/shared/live-config.ts";
import { ports } from "../manifests/shared/names.ts";
import type { GatewayAnswer } from "./gateway-answer.ts";

/** The private port of gateways, as far as the operator uses it. Calls never reject: silence is an answer, with its reason, and so is being cut off. */
export interface GatewayPods {
  /** PUT /config, then the health of the pod. */
  configure: (pod: KubeObject, token: string, config: LiveConfig, signal?: AbortSignal) => Promise<GatewayAnswer>;
  /** The health of the pod alone. */
  look: (pod: KubeObject, before: GatewayAnswer, signal?: AbortSignal) => Promise<GatewayAnswer>;
}

interface Request {
  method: "GET" | "PUT";
  headers?: Record<string, string>;
  body?: string;
  signal: AbortSignal | undefined;
}

const TIME_LIMIT_MS = 2_000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** Open files a process of Linux may have (fs.nr_open), and so connections; what a thousand gateways claim fits the status' int32. */
const MAX_CONNECTIONS = 2 ** 20;

/** Over HTTP to the pod's address. A pod that is gone or does not answer costs two seconds at most. */
export function httpGatewayPods(options: {
  fetch: typeof globalThis.fetch;
  now: () => number;
  port?: number;
}): GatewayPods {
  const { fetch, now, port = ports.private } = options;

  async function call(pod: KubeObject, path: string, { signal, ...init }: Request): Promise<Record<string, unknown>> {
    const limit = AbortSignal.timeout(TIME_LIMIT_MS);
    const response = await fetch(`http://${bracketed(podIpOf(pod) ?? "")}:${port}${path}`, {
      ...init,
      redirect: "error",
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    const text = await boundedText(response);
    // A gateway that is not ready, or drains, answers 503 and tells its health all the same.
    if (!response.ok && response.status !== 503)
      throw new Error(`${path} answered ${response.status}: ${text.slice(0, 200)}`);
    return objectIn(path, text);
  }

  async function health(
    pod: KubeObject,
    signal: AbortSignal | undefined,
  ): Promise<Pick<GatewayAnswer, "connections" | "isDraining" | "isRedisAway" | "unready">> {
    const { connections, drain, bus, reason } = await call(pod, "/api/websocket/health", { method: "GET", signal });
    const isDraining = (drain as { isDraining?: unknown } | undefined)?.isDraining === true;
    const isRedisAway = (bus as { phase?: unknown } | undefined)?.phase === "down";
    const told = typeof reason === "string" ? { unready: reason.slice(0, 300) } : {};
    if (connections !== undefined && !isCount(connections))
      throw new Error(
        `/api/websocket/health answered a number of connections that is none: ${JSON.stringify(connections).slice(0, 40)}`,
      );
    return {
      isDraining,
      ...told,
      ...(isRedisAway ? { isRedisAway } : {}),
      ...(connections === undefined ? {} : { connections }),
    };
  }

  async function answered(before: GatewayAnswer, ask: () => Promise<Partial<GatewayAnswer>>): Promise<GatewayAnswer> {
    const { problem: _problem, isRedisAway: _away, unready: _unready, ...known } = before;
    try {
      return { ...known, ...(await ask()), askedAtMs: now() };
    } catch (error) {
      return { ...before, askedAtMs: now(), problem: reasonOf(error) };
    }
  }

  return {
    configure: (pod, token, config, signal) =>
      answered({ askedAtMs: now() }, async () => {
        const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
        const { hash, generation } = await call(pod, "/config", {
          method: "PUT",
          headers,
          body: JSON.stringify(config),
          signal,
        });
        if (typeof hash !== "string" || !isWhole(generation))
          throw new Error("/config answered without hash and generation");
        return { hash, generation, ...(await health(pod, signal)) };
      }),
    look: (pod, before, signal) => answered(before, () => health(pod, signal)),
  };
}

export function podIpOf(pod: KubeObject): string | undefined {
  return (pod["status"] as { podIP?: string } | undefined)?.podIP;
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** It would be written to the status and to the pod, which the API server refuses for anything else. */
function isCount(value: unknown): value is number {
  return isWhole(value) && value <= MAX_CONNECTIONS;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function objectIn(path: string, text: string): Record<string, unknown> {
  const value = jsonIn(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${path} answered what is no JSON object: ${text.slice(0, 40)}`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Partial<Error>;
  if (name === "TimeoutError") return `no answer within ${TIME_LIMIT_MS / 1000} s`;
  // fetch says "fetch failed", and why in the cause; a connection refused on every address of a name has a code only.
  const { message: reason, code } = (cause ?? {}) as { message?: string; code?: string };
  return reason || code || message || String(error);
}
