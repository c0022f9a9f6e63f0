import type { KubeObject } from "../api/kube-object.ts";
import { liveConfigHash, type LiveConfig } from "../manifests/shared/live-config.ts";
import { healthIn, isWholeNumber, objectIn, type GatewayHealth } from "./gateway-health.ts";

/** A request to the private port of a gateway. */
export interface GatewayRequest {
  method: "GET" | "POST" | "PUT";
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: object;
}

/**
 * Sends a request to a pod, either to its address or through the API server. Returns the answer, whatever its status.
 */
export type AskPod = (
  pod: KubeObject,
  request: GatewayRequest,
  signal: AbortSignal | undefined,
) => Promise<{ status: number; text: string }>;

/**
 * The part of the gateway's private API that the operator and its command line use. Every call throws when it fails.
 */
export interface GatewayClient {
  health(pod: KubeObject, signal?: AbortSignal): Promise<GatewayHealth>;
  /**
   * Resolves with the configuration that the gateway has after the call. It may be newer than the one sent. Its hash
   * covers unknown fields.
   */
  putConfig(
    pod: KubeObject,
    token: string,
    config: LiveConfig,
    signal?: AbortSignal,
  ): Promise<{ hash: string; generation: number }>;
  /** Resolves when the gateway has accepted the command. */
  command(pod: KubeObject, token: string, command: GatewayCommand, signal?: AbortSignal): Promise<void>;
}

export type GatewayCommand = { path: "/drain" } | ShedCommand;

/**
 * Moves connections. `exclusive`: the gateway is closed to new clients until then, but no longer than deadlineMs. With
 * `share` it is closed only while it has that many connections.
 */
export interface ShedCommand {
  path: "/shed";
  connections: number;
  exclusive?: true;
  deadlineMs?: number;
  share?: number;
}

const paths = { health: "/api/websocket/health", config: "/config" } as const;

/** In the answer of a gateway from before spec.recovery. */
export const UNKNOWN_RECOVERY = "recovery is not a field";

/** The header cannot be Authorization, because the API server's proxy removes that one. */
export const adminTokenHeader = "x-realtime-token";

export function gatewayClient(ask: AskPod): GatewayClient {
  return {
    async health(pod, signal) {
      const { status, text } = await ask(pod, { method: "GET", path: paths.health }, signal);
      // A gateway that is not ready, or that drains, answers 503 and still sends its health.
      if (!isOk(status) && status !== 503) throw refusal(paths.health, status, text);
      return healthIn(paths.health, text);
    },
    async putConfig(pod, token, config, signal) {
      const headers = { [adminTokenHeader]: token };
      const put = (body: LiveConfig) => ask(pod, { method: "PUT", path: paths.config, headers, body }, signal);
      const { status, text } = await put(config);
      if (isOk(status)) return configIn(text);
      const { recovery: _recovery, ...known } = config;
      if (status !== 400 || !text.includes(UNKNOWN_RECOVERY)) throw refusal(paths.config, status, text);
      // During a rollout, or with an older spec.image: the gateway applies everything that it knows.
      const older = await put(known);
      if (!isOk(older.status)) throw refusal(paths.config, older.status, older.text);
      const inForce = configIn(older.text);
      return inForce.hash === liveConfigHash(known) ? { ...inForce, hash: liveConfigHash(config) } : inForce;
    },
    async command(pod, token, { path, ...body }, signal) {
      const headers = { [adminTokenHeader]: token };
      const { status, text } = await ask(
        pod,
        { method: "POST", path, headers, ...(Object.keys(body).length === 0 ? {} : { body }) },
        signal,
      );
      if (!isOk(status)) throw new Error(`pod ${pod.metadata.name} refuses ${path}: ${errorIn(path, text)}`);
    },
  };
}

function configIn(text: string): { hash: string; generation: number } {
  const { hash, generation } = objectIn(paths.config, text);
  if (typeof hash !== "string" || !isWholeNumber(generation))
    throw new Error(`${paths.config} answered without hash and generation`);
  return { hash, generation };
}

function isOk(status: number): boolean {
  return status >= 200 && status <= 299;
}

function refusal(path: string, status: number, text: string): Error {
  return new Error(`${path} answered ${status}: ${text.slice(0, 200)}`);
}

/** The gateway's own message, if it sent one. */
function errorIn(path: string, text: string): string {
  try {
    const { error } = objectIn(path, text);
    return (typeof error === "string" ? error : text).slice(0, 200);
  } catch {
    return text.slice(0, 200);
  }
}
