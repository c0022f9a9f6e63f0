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

/** Sends a request to a pod, either to its IP address or through the API server. Returns the answer with any status. */
export type AskPod = (
  pod: KubeObject,
  request: GatewayRequest,
  signal: AbortSignal | undefined,
) => Promise<{ status: number; text: string }>;

/**
 * The requests to a gateway's private API that the operator and its command line use. Each function throws when its
 * request fails.
 */
export interface GatewayClient {
  health(pod: KubeObject, signal?: AbortSignal): Promise<GatewayHealth>;
  /**
   * Resolves with the live configuration that the gateway uses after the call. Its generation may be higher than that
   * of the sent one. If the gateway lacks some fields, the hash is still that of the sent configuration.
   */
  putConfig(pod: KubeObject, token: string, config: LiveConfig, signal?: AbortSignal): Promise<ConfigInForce>;
  /** Resolves when the gateway has accepted the command. The gateway may carry it out later. */
  command(pod: KubeObject, token: string, command: GatewayCommand, signal?: AbortSignal): Promise<void>;
}

export interface ConfigInForce {
  hash: string;
  generation: number;
  /**
   * Fields that were added after the gateway's release, so the gateway does not know them. It has applied all other
   * fields.
   */
  lacks?: readonly NewerField[];
}

export type GatewayCommand = { path: "/drain" } | ShedCommand;

/**
 * Asks a gateway to move this many connections. With `exclusive`, the gateway also closes to new clients until they are
 * moved, but not longer than deadlineMs. With `share`, it is closed only while it has at least this many connections.
 */
export interface ShedCommand {
  path: "/shed";
  connections: number;
  exclusive?: true;
  deadlineMs?: number;
  share?: number;
}

/** A gateway answered a request with a status that is not 2xx. */
export class GatewayRefusal extends Error {
  override readonly name = "GatewayRefusal";
}

const paths = { health: "/api/websocket/health", config: "/config" } as const;

/** Live fields that gateways of older releases refuse. Each has the texts by which we recognise such a refusal. */
export const refusals = {
  recovery: ["recovery is not a field"],
  maxConnectionAgeSeconds: ["maxConnectionAgeSeconds is not a field"],
  handlers: ["handlers is not a field", "handlers need HANDLER_SECRET"],
} as const;
export type NewerField = keyof typeof refusals;
const newerFields = Object.keys(refusals) as NewerField[];

/** The token has a header of its own, because the API server's proxy removes the header Authorization. */
export const adminTokenHeader = "x-realtime-token";

export function gatewayClient(ask: AskPod): GatewayClient {
  return {
    async health(pod, signal) {
      const { status, text } = await ask(pod, { method: "GET", path: paths.health }, signal);
      // A gateway that is not ready or that drains answers 503. The body of this 503 still has the gateway's health.
      if (!isOk(status) && status !== 503) throw refusal(paths.health, status, text);
      return healthIn(paths.health, text);
    },
    async putConfig(pod, token, config, signal) {
      const headers = { [adminTokenHeader]: token };
      const put = (body: LiveConfig) => ask(pod, { method: "PUT", path: paths.config, headers, body }, signal);
      const lacks: NewerField[] = [];
      for (;;) {
        const known = without(config, lacks);
        const { status, text } = await put(known);
        if (isOk(status)) return inForceOf(text, config, known, lacks);
        // The gateway may be older than the operator, during a rollout or because of spec.image. Send the configuration
        // again without the refused field, so that the gateway applies the other fields.
        const refused = status === 400 ? newerFields.find((field) => isRefused(field, text)) : undefined;
        if (refused === undefined || lacks.includes(refused)) throw refusal(paths.config, status, text);
        lacks.push(refused);
      }
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

function without(config: LiveConfig, lacks: readonly NewerField[]): LiveConfig {
  const known = { ...config };
  for (const field of lacks) delete known[field];
  return known;
}

function isRefused(field: NewerField, text: string): boolean {
  return refusals[field].some((words) => text.includes(words));
}

function inForceOf(text: string, sent: LiveConfig, known: LiveConfig, lacks: readonly NewerField[]): ConfigInForce {
  const inForce = configIn(text);
  if (lacks.length === 0 || inForce.hash !== liveConfigHash(known)) return inForce;
  return { ...inForce, hash: liveConfigHash(sent), lacks };
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
  return new GatewayRefusal(`${path} answered ${status}: ${text.slice(0, 200)}`);
}

/** The error message from the gateway's answer. The text of the answer if it has none. */
function errorIn(path: string, text: string): string {
  try {
    const { error } = objectIn(path, text);
    return (typeof error === "string" ? error : text).slice(0, 200);
  } catch {
    return text.slice(0, 200);
  }
}
