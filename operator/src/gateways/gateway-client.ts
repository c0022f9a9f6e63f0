import type { KubeObject } from "../api/kube-object.ts";
import type { LiveConfig } from "../manifests/shared/live-config.ts";
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
  /** Resolves with the configuration that the gateway has after the call. It may be newer than the one sent. */
  putConfig(
    pod: KubeObject,
    token: string,
    config: LiveConfig,
    signal?: AbortSignal,
  ): Promise<{ hash: string; generation: number }>;
  /** Resolves when the gateway has accepted the command. */
  command(pod: KubeObject, token: string, command: GatewayCommand, signal?: AbortSignal): Promise<void>;
}

export type GatewayCommand = { path: "/drain" } | { path: "/shed"; connections: number };

const paths = { health: "/api/websocket/health", config: "/config" } as const;

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
      const { status, text } = await ask(pod, { method: "PUT", path: paths.config, headers, body: config }, signal);
      if (!isOk(status)) throw refusal(paths.config, status, text);
      const { hash, generation } = objectIn(paths.config, text);
      if (typeof hash !== "string" || !isWholeNumber(generation))
        throw new Error(`${paths.config} answered without hash and generation`);
      return { hash, generation };
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
