// The bus over one Redis server or several independent ones. A gateway subscribes on all and publishes on one, so when
// a Redis dies, only the messages on their way through it are lost.
import type { Logger } from "pino";
import type { Announcements, Bus, BusObserver, BusState } from "./bus.ts";
import { Endpoint } from "./endpoint.ts";
import { Endpoints } from "./endpoints.ts";
import type { RedisTarget } from "../../redis/redis-address.ts";
import type { RecoveryLog } from "../../recovery/recovery-log.ts";
import { RedisNamespace } from "./redis-namespace.ts";

export interface RedisBusOptions {
  /** The Redis servers in order of preference; at least one. */
  targets: readonly RedisTarget[];
  /**
   * Prefix of all channels. Redis delivers a published message in all databases of a server, so clusters that share a
   * Redis need different prefixes.
   */
  prefix: string;
  nodeId: string;
  logger: Logger;
  observer: BusObserver;
  announcements?: Announcements;
  now: () => number;
  random: () => number;
  /** The message log of recovery. While it is undefined or off, messages carry no position. */
  log?: RecoveryLog | undefined;
  /** Messages that are longer are dropped before they are decoded. Default: 16 MiB. */
  maxBytes?: number;
}

export interface RedisBus extends Bus {
  /** Number of gateways whose test messages (canaries) arrived recently. This gateway is included. */
  nodes(): number;
  /** On how many Redis servers of the bus this gateway receives messages: all, some or none. */
  hearing(): "all" | "some" | "none";
  /** Sends this gateway's announcement to the other gateways now. */
  announce(): void;
}

export function redisBus(options: RedisBusOptions): RedisBus {
  const listeners: ((state: BusState) => void)[] = [];
  const ready = Promise.withResolvers<void>();
  const all = new Endpoints(() => endpoints, options.observer, options.maxBytes ?? 16 * 1024 * 1024);
  let last: BusState["phase"] = "never";
  const state = (): BusState => {
    const unusable = endpoints.flatMap((endpoint) => endpoint.problem() ?? []);
    const up = endpoints.find((endpoint) => endpoint.isUp());
    if (up !== undefined) return { phase: "up", lagMs: up.lagMs() ?? 0, ...(unusable.length > 0 ? { unusable } : {}) };
    const reason = unusable.map((each) => `${each.redis}: ${each.reason}`).join("; ");
    return { phase: endpoints.some((endpoint) => endpoint.wasUp()) ? "down" : "never", reason, unusable };
  };
  const changed = () => {
    const now = state();
    if (now.phase === last) return;
    last = now.phase;
    if (now.phase === "up") ready.resolve();
    for (const listener of listeners) listener(now);
  };
  const endpoints: readonly Endpoint[] = options.targets.map(
    (target) =>
      new Endpoint({
        target,
        canaryChannel: `${options.prefix}-canary`,
        nodeId: options.nodeId,
        onMessage: (pattern, channel, message) => all.deliver(pattern, channel, message),
        onChange: changed,
        announcements: options.announcements ?? { text: () => "", heard: () => undefined },
        logger: options.logger,
        now: options.now,
        random: options.random,
      }),
  );
  const { log } = options;
  if (log !== undefined) {
    log.direct.through((channel, message) => all.publish(channel, message));
    all.listen("channels", [log.lateChannel], (_, message) => log.heardLate(message));
    all.listen("channels", [log.claimsChannel], (_, message) => log.heardClaim(message));
  }
  const nodes = () => Math.max(1, ...endpoints.map((endpoint) => endpoint.nodes()));
  return {
    join: (local) =>
      new RedisNamespace(local, { endpoints: all, prefix: options.prefix, observer: options.observer, nodes, log }),
    whenReady: () => ready.promise,
    state,
    onChange: (listener) => void listeners.push(listener),
    nodes,
    hearing() {
      if (endpoints.every((endpoint) => endpoint.isUp())) return "all";
      return endpoints.some((endpoint) => endpoint.isUp()) ? "some" : "none";
    },
    announce() {
      for (const endpoint of endpoints) endpoint.announce();
    },
    async close() {
      await Promise.all(endpoints.map((endpoint) => endpoint.close()));
    },
  };
}
