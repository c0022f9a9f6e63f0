import type { KubeObject } from "../../src/api/kube-object.ts";
import { liveConfigHash, type LiveConfig } from "../../src/manifests/shared/live-config.ts";
import { withoutFigures, type GatewayPods } from "../../src/gateways/gateway-pods.ts";
import type { GatewayAnswer } from "../../src/gateways/gateway-answer.ts";

export interface FakeGateways extends GatewayPods {
  /** All calls as text, such as "push pod 3" or "health pod". */
  readonly calls: string[];
  /** The number of connections by pod name. A pod that is not in the map has none. */
  readonly connections: Map<string, number>;
  /** The reason why a gateway is not ready, by pod name. */
  readonly unready: Map<string, string>;
  /** Names of the pods that do not answer. */
  readonly silent: Set<string>;
}

/** A token that fake gateways refuse. */
export const OTHER_TOKEN = "another-token-of-16-bytes";

/**
 * Fake gateways that behave like real ones: they ignore a configuration with a lower generation, and report the hash of
 * the one that they have applied.
 */
export function fakeGateways(now: () => number): FakeGateways {
  const inForce = new Map<string, LiveConfig>();
  const calls: string[] = [];
  const connections = new Map<string, number>();
  const unready = new Map<string, string>();
  const silent = new Set<string>();

  function answer({ metadata }: KubeObject, before: GatewayAnswer): GatewayAnswer {
    if (silent.has(metadata.name)) return { ...before, askedAtMs: now(), problem: "no answer within 2 s" };
    const config = inForce.get(metadata.uid ?? "");
    const promisedSeconds = config?.recovery?.windowSeconds;
    return {
      ...withoutFigures(before),
      askedAtMs: now(),
      connections: connections.get(metadata.name) ?? 0,
      isDraining: metadata.deletionTimestamp !== undefined,
      ...(unready.has(metadata.name) ? { unready: unready.get(metadata.name)! } : {}),
      ...(config === undefined ? {} : { hash: liveConfigHash(config), generation: config.generation }),
      ...(promisedSeconds === undefined ? {} : { recovery: { windowSeconds: promisedSeconds, promisedSeconds } }),
    };
  }

  return {
    calls,
    connections,
    unready,
    silent,
    async pushConfig(pod, token, config) {
      const uid = pod.metadata.uid ?? "";
      calls.push(`push ${pod.metadata.name} ${config.generation}`);
      if (silent.has(pod.metadata.name)) return answer(pod, { askedAtMs: now() });
      if (token === OTHER_TOKEN) return { ...answer(pod, { askedAtMs: now() }), problem: "/config answered 401" };
      if ((inForce.get(uid)?.generation ?? -1) <= config.generation) inForce.set(uid, config);
      return answer(pod, { askedAtMs: now() });
    },
    async shed({ metadata: { name } }, _token, { connections: wanted, share }) {
      calls.push(`shed ${wanted} of ${name}${share === undefined ? "" : `, at most ${share}`}`);
      if (silent.has(name)) return "no answer within 2 s";
      unready.set(name, "rebalancing");
      return undefined;
    },
    async readHealth(pod, before) {
      calls.push(`health ${pod.metadata.name}`);
      return answer(pod, before);
    },
  };
}
