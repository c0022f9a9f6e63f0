import { setTimeout as sleep } from "node:timers/promises";
import { GATEWAYS, type Fleet } from "./fleet.ts";
import type { Crowd } from "./crowd.ts";
import { pick } from "../../../../testkit/random.ts";

export interface Scene {
  fleet: Fleet;
  crowd: Crowd;
  random: () => number;
}

interface FaultKind {
  /**
   * True when Redis, or a gateway's connection to Redis, is broken. Clients that return in this time may get a new
   * session.
   */
  isOutage?: true;
  /** True when the fault itself disconnects clients. To other faults, the campaign adds disconnects. */
  disconnects?: true;
  /** Injects the fault. Resolves when all processes that it stopped run again. */
  inflict: (scene: Scene) => Promise<void>;
}

const AT_ONCE_MS = 20;

/** The faults that a campaign can inject. */
export const faults = {
  cut: {
    disconnects: true,
    inflict: async ({ crowd }) => crowd.cutSome(),
  },
  // The client notices that its connection has ended. The gateway does not, and keeps the old connection.
  "network change": {
    disconnects: true,
    inflict: async ({ fleet: { balancer }, crowd }) => balancer.strand(crowd.somePaths()),
  },
  "path that stops": {
    disconnects: true,
    async inflict({ fleet: { balancer }, crowd, random }) {
      const paths = crowd.somePaths();
      balancer.stall(paths);
      await sleep(random() * 1_500);
      const isEnded = paths.map(() => random() < 0.7);
      balancer.strand(paths.filter((_, index) => isEnded[index]));
      balancer.resume(paths.filter((_, index) => !isEnded[index]));
    },
  },
  "slow readers": {
    disconnects: true,
    async inflict({ fleet: { balancer }, crowd, random }) {
      const paths = crowd.somePaths();
      balancer.slow(paths);
      await sleep(random() * 2_000);
      const isEnded = paths.map(() => random() < 0.5);
      balancer.cut(paths.filter((_, index) => isEnded[index]));
      balancer.resume(paths.filter((_, index) => !isEnded[index]));
    },
  },
  "rooms changed around the cut": {
    disconnects: true,
    async inflict({ crowd, random }) {
      crowd.moveSome(0.5);
      await sleep(random() * AT_ONCE_MS);
      crowd.cutSome();
      if (random() < 0.5) crowd.moveSome(0.2);
    },
  },
  "token changed": {
    disconnects: true,
    inflict: async ({ crowd }) => crowd.changeTokens(),
  },
  "duplicated pid": {
    disconnects: true,
    inflict: ({ crowd }) => crowd.duplicatePids(),
  },
  "kill a gateway": {
    disconnects: true,
    inflict: (scene) => replace(scene, "SIGKILL"),
  },
  "stop a gateway": {
    disconnects: true,
    inflict: (scene) => replace(scene, "SIGTERM"),
  },
  "return to a gateway that started later": {
    disconnects: true,
    async inflict({ fleet, crowd, random }) {
      const index = Math.floor(random() * GATEWAYS);
      fleet.balancer.serve([]);
      crowd.cutSome();
      const gateway = fleet.gateways[index]!;
      fleet.gateways[index] = undefined;
      gateway.kill(random() < 0.5 ? "SIGKILL" : "SIGTERM");
      await gateway.ended;
      const started = await fleet.start(index);
      fleet.balancer.serve([started.publicPort]);
      await sleep(500);
      fleet.serve();
    },
  },
  "pause a gateway": {
    async inflict({ fleet, random }) {
      const gateway = pick(fleet.gateways, random)!;
      gateway.kill("SIGSTOP");
      await sleep(random() * 2_000);
      gateway.kill("SIGCONT");
    },
  },
  "restart Redis": {
    isOutage: true,
    inflict: ({ fleet }) => fleet.redis.restartWithData(),
  },
  "restart Redis empty": {
    isOutage: true,
    inflict: ({ fleet }) => fleet.redis.server.restart(),
  },
  "kill Redis": {
    isOutage: true,
    async inflict({ fleet, random }) {
      await fleet.redis.server.kill();
      await sleep(random() * 2_000);
      await fleet.redis.server.restart();
    },
  },
  "pause Redis": {
    isOutage: true,
    async inflict({ fleet, random }) {
      fleet.redis.server.pause();
      await sleep(200 + random() * 3_000);
      fleet.redis.server.resume();
    },
  },
  "fail over to a stale replica": {
    isOutage: true,
    async inflict({ fleet, random }) {
      const { old } = await fleet.redis.failOver(() => sleep(random() * 800));
      fleet.leadToRedis();
      await old.kill();
      await fleet.redis.endOld();
    },
  },
  "fail over, old connections stay": {
    isOutage: true,
    async inflict({ fleet, random }) {
      const { old } = await fleet.redis.failOver(() => sleep(random() * 800));
      fleet.leadToRedis();
      await fleet.redis.demote(old);
      await fleet.untilWhole();
      await fleet.redis.endOld();
    },
  },
  "cut a gateway from Redis": {
    isOutage: true,
    async inflict({ fleet, random }) {
      const link = pick(fleet.links, random);
      link.serve([]);
      link.cut(link.paths);
      await sleep(random() * 3_000);
      fleet.leadToRedis();
    },
  },
  "stop the bytes between a gateway and Redis": {
    isOutage: true,
    async inflict({ fleet, random }) {
      const link = pick(fleet.links, random);
      link.stallAll();
      await sleep(random() * 6_000);
      link.resumeAll();
    },
  },
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults) as FaultName[];

export function faultOf(name: FaultName): FaultKind {
  return faults[name];
}

async function replace({ fleet, random }: Scene, signal: NodeJS.Signals): Promise<void> {
  const index = Math.floor(random() * GATEWAYS);
  const gateway = fleet.remove(index);
  gateway.kill(signal);
  await gateway.ended;
  await fleet.start(index);
  fleet.serve();
}
