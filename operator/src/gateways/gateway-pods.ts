import type { KubeObject } from "../api/kube-object.ts";
import type { LiveConfig } from "../manifests/shared/live-config.ts";
import { ports } from "../manifests/shared/names.ts";
import type { GatewayAnswer } from "./gateway-answer.ts";
import { gatewayClient, GatewayRefusal, type ShedCommand } from "./gateway-client.ts";
import type { GatewayHealth } from "./gateway-health.ts";
import { askAtPodAddress, failureText } from "./pod-address.ts";

/**
 * The gateways of a cluster, for the reconcile pass. A call never rejects: when it fails, it resolves to an answer with
 * a `problem`.
 */
export interface GatewayPods {
  /** Sends the live configuration to the pod, then reads the pod's health. */
  pushConfig: (pod: KubeObject, token: string, config: LiveConfig, signal?: AbortSignal) => Promise<GatewayAnswer>;
  /** Asks a gateway to move connections. Resolves to the reason when the gateway refuses or does not answer. */
  shed: (pod: KubeObject, token: string, command: ShedCommand, signal?: AbortSignal) => Promise<string | undefined>;
  /** Reads only the pod's health. */
  readHealth: (pod: KubeObject, before: GatewayAnswer, signal?: AbortSignal) => Promise<GatewayAnswer>;
}

export interface GatewayPodsOptions {
  fetch: typeof globalThis.fetch;
  now: () => number;
  port?: number;
}

/** Sends HTTP requests to the pods' addresses. */
export function httpGatewayPods({ fetch, now, port = ports.private }: GatewayPodsOptions): GatewayPods {
  const client = gatewayClient(askAtPodAddress({ fetch, port }));

  async function answered(before: GatewayAnswer, ask: () => Promise<Partial<GatewayAnswer>>): Promise<GatewayAnswer> {
    const known = withoutFigures(before);
    try {
      return { ...known, ...(await ask()), askedAtMs: now() };
    } catch (error) {
      return { ...before, askedAtMs: now(), problem: failureText(error) };
    }
  }

  return {
    pushConfig: (pod, token, config, signal) =>
      answered({ askedAtMs: now() }, async () => {
        const answer = await client.putConfig(pod, token, config, signal).catch(refusalText);
        if (!("problem" in answer)) return { ...answer, ...figuresOf(await client.health(pod, signal)) };
        // The gateway also reads the configuration from its ConfigMap. So it can have it although it refused this
        // request, for example because its Secret was replaced after it started.
        const health = await client.health(pod, signal).catch(() => undefined);
        return { ...answer, ...(health === undefined ? {} : { ...figuresOf(health), ...health.inForce }) };
      }),
    shed: (pod, token, command, signal) =>
      client.command(pod, token, command, signal).then(
        () => undefined,
        (error: unknown) => failureText(error),
      ),
    readHealth: (pod, before, signal) =>
      answered(before, async () => {
        const health = await client.health(pod, signal);
        // A gateway that lacks fields reports the hash without them. The operator knows it under the full hash.
        return { ...figuresOf(health), ...(before.lacks === undefined ? health.inForce : {}) };
      }),
  };
}

/** Throws unless the gateway has answered. Without an answer, another request would only wait again. */
function refusalText(error: unknown): { problem: string } {
  if (!(error instanceof GatewayRefusal)) throw error;
  return { problem: failureText(error) };
}

/** What the last configuration call returned. The values that come from an older health answer are removed. */
export function withoutFigures(before: GatewayAnswer): GatewayAnswer {
  const { problem: _problem, bus: _bus, inexact: _inexact, unready: _unready, ...known } = before;
  const { issuers: _issuers, handlers: _handlers, unlistedProxy: _unlistedProxy, ...some } = known;
  const { clusterConnections: _clusterConnections, ...others } = some;
  const { recovery: _recovery, ...configuration } = others;
  return configuration;
}

/** The values of a gateway's health that the operator keeps until later passes. */
function figuresOf({ connections, cluster, drain, bus, reason, ...health }: GatewayHealth): Partial<GatewayAnswer> {
  const { inexact, issuers, handlers, unlistedProxy, recovery } = health;
  const clusterConnections = cluster?.limits === "share" ? undefined : cluster?.connections;
  const optional = {
    clusterConnections,
    unready: reason,
    bus: brokenBus(bus),
    inexact,
    issuers,
    handlers,
    unlistedProxy,
    recovery,
  };
  const present = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { connections, isDraining: drain?.isDraining === true, ...Object.fromEntries(present) };
}

function brokenBus({ phase, reason }: NonNullable<GatewayHealth["bus"]> = {}): GatewayAnswer["bus"] | undefined {
  if (phase !== "never" && phase !== "down") return undefined;
  return { phase, ...(reason === undefined ? {} : { reason }) };
}
